// Everything works without this file; it only makes some things quicker.

// An error summary takes the focus, so that it is heard and Tab leads on from it.
document.querySelector(".error-summary")?.focus();

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    // Later, because a disabled button would not be sent with its form.
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
}
// A page brought back by the Back button has its buttons back.
addEventListener("pageshow", () => document.querySelectorAll("button[disabled]").forEach((b) => { b.disabled = false; }));

// A question that depends on another is shown when the other's answer calls for it.
for (const asked of document.querySelectorAll("[data-shown-when]")) {
  const codes = asked.dataset.anyOf.split(" ").filter(Boolean);
  const show = () => {
    const chosen = document.querySelector(`input[name="${asked.dataset.shownWhen}"]:checked`);
    asked.hidden = !chosen || (codes.length > 0 && !codes.includes(chosen.value));
  };
  document.addEventListener("change", show);
  show();
}

// A drawer closes with Escape or a click beside it, and another one that opens closes it.
const drawers = [...document.querySelectorAll("details.button-details")];
const closeBut = (kept) => drawers.forEach((d) => { if (d !== kept) d.open = false; });
document.addEventListener("click", (event) => closeBut(event.target.closest("details.button-details")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = drawers.find((d) => d.open);
  closeBut(null);
  open?.querySelector("summary").focus();
});

// Two minutes before a quiet page locks, say so. Locked, it hides itself and asks for the password; what was typed stays
// where it is, in the page alone. The server locks by its own clock: what a locked page sends is kept, not done.
const idle = document.querySelector("#idle"), lock = document.querySelector("#lock"), frame = document.querySelector(".page-frame");
const WARN_MS = 120_000, TELL_MS = 60_000;
if (idle && lock) {
  const lockAfter = Number(idle.dataset.lockAfter) * 1000;
  const stay = idle.querySelector("form");
  const windows = new BroadcastChannel("rapport");  // somebody at work in one window is there for all
  let timers = [], told = Date.now();
  const hide = () => {
    idle.hidden = true;
    frame.inert = true;
    frame.classList.add("is-locked");
    if (!lock.open) lock.showModal();
  };
  const wait = () => {
    idle.hidden = true;
    timers.forEach(clearTimeout);
    timers = [setTimeout(() => { idle.hidden = false; }, lockAfter - WARN_MS), setTimeout(hide, lockAfter)];
  };
  const tell = async () => {
    told = Date.now();
    wait();
    windows.postMessage("here");
    const answer = await fetch(stay.action, { method: "POST", body: new URLSearchParams(new FormData(stay)) });
    if (!answer.ok) hide();
  };
  windows.addEventListener("message", () => { if (!lock.open) wait(); });
  // Whoever types is there, though the page sends nothing for a while.
  for (const sign of ["input", "pointerdown"]) {
    document.addEventListener(sign, () => { if (!lock.open && Date.now() - told > TELL_MS) tell(); });
  }
  stay.addEventListener("submit", (event) => { event.preventDefault(); tell(); });
  lock.addEventListener("cancel", (event) => event.preventDefault());
  const unlock = lock.querySelector("form");
  unlock.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(unlock.action, { method: "POST", body: new URLSearchParams(new FormData(unlock)) });
    unlock.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    const problem = unlock.querySelector(".error");
    unlock.password.value = "";
    if (answer.status === 204) {
      problem.hidden = true;
      lock.close();
      frame.inert = false;
      frame.classList.remove("is-locked");
      wait();
    } else if ([422, 429].includes(answer.status)) {
      problem.textContent = await answer.text();
      problem.hidden = false;
      unlock.password.focus();
    } else {
      location.reload();  // the sign-in is over
    }
  });
  windows.postMessage("here");
  wait();
}

// What had to wait for its sender is sent by itself.
document.querySelector("form[data-sends-itself]")?.requestSubmit();

// Passkeys: the server says what to sign, the browser asks its owner, the answer goes with the form.
const keys = window.PublicKeyCredential;
for (const place of document.querySelectorAll("[data-passkey]")) {
  if (!keys?.parseRequestOptionsFromJSON) continue;
  place.hidden = false;
  const form = place.querySelector("form");
  form.addEventListener("submit", async (event) => {
    if (form.credential.value) return;
    event.preventDefault();
    const problem = form.querySelector(".error");
    problem.hidden = true;
    try {
      const body = new URLSearchParams({ form_token: form.form_token.value });
      const answer = await fetch(place.dataset.options, { method: "POST", body });
      if (!answer.ok) { location.reload(); return; }
      const makes = place.dataset.passkey === "create";
      const publicKey = makes ? keys.parseCreationOptionsFromJSON(await answer.json()) : keys.parseRequestOptionsFromJSON(await answer.json());
      const key = makes ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
      form.credential.value = JSON.stringify(key.toJSON());
      form.requestSubmit();
    } catch {
      problem.hidden = false;
      form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    }
  });
}
