// On a tablet in the waiting room: asks after a quiet minute, and forgets the form soon after.
// The clock is read, not counted: a tablet that slept must not show somebody's page on waking.

const box = document.getElementById('still-there');
const button = box.querySelector('button');
const idle = Number(box.dataset.idle) * 1000;
const wipe = Number(box.dataset.wipe) * 1000;
let last = Date.now();
let before = null;

const stay = () => {
  last = Date.now();
  if (box.hidden) return;
  box.hidden = true;
  before?.focus();
};
const look = () => {
  const quiet = Date.now() - last;
  if (quiet >= idle + wipe) {
    location.replace(box.dataset.to);
  } else if (quiet >= idle && box.hidden) {
    before = document.activeElement;
    box.hidden = false;
    button.focus();
  }
};

for (const event of ['pointerdown', 'keydown', 'input', 'scroll']) {
  document.addEventListener(event, () => { if (box.hidden) stay(); }, { passive: true, capture: true });
}
button.addEventListener('click', stay);
box.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') stay();
  if (event.key === 'Tab') event.preventDefault();  // the one button is all there is
});
document.addEventListener('visibilitychange', look);
setInterval(look, 1000);
