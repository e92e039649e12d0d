// Large keys for the code; the field works without them.

const field = document.querySelector('.code-field');
const keys = document.querySelector('.keys');
const most = 6;
const digits = () => field.value.replace(/\D/g, '').slice(0, most);
const show = (value) => { field.value = value.replace(/^(\d{3})(\d)/, '$1 $2'); };

for (const name of ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'clear', '0', 'delete']) {
  const key = Object.assign(document.createElement('button'), { type: 'button', className: 'key' });
  key.textContent = { clear: keys.dataset.clear, delete: '\u232b' }[name] ?? name;
  if (name === 'delete') key.setAttribute('aria-label', keys.dataset.delete);
  key.addEventListener('click', () => {
    const now = digits();
    show({ clear: '', delete: now.slice(0, -1) }[name] ?? (now + name).slice(0, most));
  });
  keys.append(key);
}
keys.hidden = false;
// The tablet's own keyboard would cover half of ours.
field.setAttribute('inputmode', 'none');
field.addEventListener('input', () => show(digits()));
window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
(document.querySelector('.problem') ?? field).focus();
