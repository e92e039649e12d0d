// A line instead of eleven buttons or a number, where scripts run. It begins without a mark: a mark
// in the middle would be an answer nobody gave. The other way stays one tap away, and is what is sent.

const set = document.querySelector('fieldset.scale, fieldset.decimal');
if (set) draw(set);

function draw(set) {
  const { min, max, step, none, some, touch, useButtons, useLine } = set.dataset;
  const points = set.querySelector('.points');
  const place = set.querySelector('.line');
  const fields = [...points.querySelectorAll('input')];
  const kept = fields[0].type === 'radio' ? chosenOf(fields) : typedIn(fields[0], Number(min), Number(max));

  const line = Object.assign(document.createElement('input'), { type: 'range', min, max, step, className: 'scale-line' });
  line.setAttribute('aria-labelledby', `${set.id}-question`);

  const show = () => {
    const chosen = kept.get();
    // Until then the unseen mark rests in the middle; left alone, it would be clamped to an end.
    line.value = chosen ?? (Number(min) + Number(max)) / 2;
    line.toggleAttribute('data-unanswered', chosen === null);
    line.setAttribute('aria-valuetext', chosen === null ? none : some.replace('{n}', chosen));
  };
  const answer = () => {
    kept.set(line.value);
    show();
  };
  // A tap exactly on the middle fires no `input`; the space bar accepts the middle by key.
  for (const event of ['input', 'pointerup']) line.addEventListener(event, answer);
  line.addEventListener('keydown', (event) => {
    if (event.key === ' ') { event.preventDefault(); answer(); }
  });

  const ends = document.createElement('div');
  ends.className = 'line-ends';
  ends.setAttribute('aria-hidden', 'true');
  for (const words of [place.dataset.low, place.dataset.high]) {
    ends.append(Object.assign(document.createElement('span'), { textContent: words }));
  }
  const how = Object.assign(document.createElement('p'), { className: 'touch', textContent: touch });
  place.append(how, line, ends);

  const way = Object.assign(document.createElement('input'), { type: 'hidden', name: 'way' });
  const toggle = Object.assign(document.createElement('button'), { type: 'button', className: 'switch-way' });
  const use = (chosen) => {
    way.value = chosen;
    place.hidden = chosen !== 'line';
    points.hidden = chosen === 'line';
    toggle.textContent = chosen === 'line' ? useButtons : useLine;
    show();
  };
  toggle.addEventListener('click', () => use(way.value === 'line' ? 'buttons' : 'line'));
  set.append(way, toggle);
  use(set.dataset.way);
}

// What is sent: one of the numbers to choose from, or a number in its field.
function chosenOf(radios) {
  return {
    get: () => radios.find((radio) => radio.checked)?.value ?? null,
    set: (value) => { radios.find((radio) => radio.value === value).checked = true; },
  };
}

function typedIn(field, min, max) {
  return {
    get: () => {
      const typed = field.value.trim().replace(',', '.');
      return typed !== '' && Number(typed) >= min && Number(typed) <= max ? typed : null;
    },
    set: (value) => { field.value = value; },
  };
}
