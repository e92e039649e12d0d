// Entering from paper: the number of an answer chooses it and goes on, so that a hand stays on the number keys.

const rows = [...document.querySelectorAll("[data-number-keys] .entry-row")];
const firstOf = (row) => row.querySelector("input:checked") ?? row.querySelector("input, textarea");
let tenMayFollow = null;

for (const row of rows) {
  row.addEventListener("keydown", (event) => {
    if (event.target.type !== "radio" || event.ctrlKey || event.altKey || event.metaKey || !/^[0-9]$/.test(event.key)) return;
    const goesToTen = Number(row.dataset.highest) >= 10;
    const number = event.key === "0" && tenMayFollow === row ? "10" : event.key;
    const chosen = [...row.querySelectorAll("input")].find((radio) => radio.value === number);
    tenMayFollow = null;
    if (!chosen) return;
    event.preventDefault();
    chosen.checked = true;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
    if (goesToTen && number === "1") {
      tenMayFollow = row;  // 1 may be the beginning of 10: stay until the next key
      chosen.focus();
      return;
    }
    const next = rows.slice(rows.indexOf(row) + 1).find((one) => !one.hidden);
    (next ? firstOf(next) : document.querySelector("[name=entry_sharing], [name=correction_reason]"))?.focus();
  });
}

// A page for paper offers to print itself.
const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
