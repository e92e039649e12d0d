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

// Two minutes before an idle sign-in ends, say so and offer to stay.
const idle = document.querySelector("#idle");
if (idle) {
  const warnAfter = Number(idle.dataset.warnAfter) * 1000;
  let timer = 0;
  const wait = () => { idle.hidden = true; clearTimeout(timer); timer = setTimeout(() => { idle.hidden = false; }, warnAfter); };
  idle.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
    if (answer.ok) wait(); else location.reload();
  });
  wait();
}
