// Counts while somebody writes; spoken only after a pause, so that it does not talk over them.

const field = document.querySelector('textarea[data-most]');
const count = document.querySelector('.count');
if (field && count) {
  const most = Number(field.dataset.most);
  const spoken = Object.assign(document.createElement('p'), { className: 'vh' });
  spoken.setAttribute('aria-live', 'polite');
  count.after(spoken);
  let pause;
  const tell = () => {
    const left = most - [...field.value.trim()].length;
    count.textContent = (left < 0 ? count.dataset.over : count.dataset.left).replace('{n}', Math.abs(left));
    clearTimeout(pause);
    pause = setTimeout(() => { spoken.textContent = count.textContent; }, 1500);
  };
  field.addEventListener('input', tell);
  if (field.value) tell();
}
