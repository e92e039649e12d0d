// Says when something is not sent, keeps a second tap from sending twice, and shows nothing old on Back.

for (const form of document.querySelectorAll('form[data-unsent]')) {
  let sending = false;
  form.addEventListener('submit', (event) => {
    form.querySelector('.connection')?.remove();
    if (!navigator.onLine) {
      event.preventDefault();
      const note = Object.assign(document.createElement('p'), { className: 'connection', textContent: form.dataset.unsent });
      note.setAttribute('role', 'alert');
      form.append(note);
    } else if (sending) {
      event.preventDefault();
    } else {
      sending = true;
      event.submitter?.setAttribute('aria-busy', 'true');
    }
  });
}
window.addEventListener('online', () => document.querySelector('.connection')?.remove());

// A page that comes back from the browser's memory asks the server anew: after sending there is nothing to see.
window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

document.querySelector('.problem')?.focus();
