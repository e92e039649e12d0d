// A line instead of eleven buttons, where scripts run. It begins without a mark: a mark in the
// middle would be an answer nobody gave. The buttons stay one tap away, and remain what is sent.

const set = document.querySelector('fieldset.scale');
if (set) draw(set);

function draw(set) {
  const { min, max, step, none, some, touch, useButtons, useLine } = set.dataset;
  const points = set.querySelector('.points');
  const place = set.querySelector('.line');
  const radios = [...points.querySelectorAll('input')];

  const line = Object.assign(document.createElement('input'), { type: 'range', min, max, step, className: 'scale-line' });
  line.setAttribute('aria-labelledby', `${set.id}-question`);

  const show = () => {
    const chosen = radios.find((radio) => radio.checked);
    // Until then the unseen mark rests in the middle; left alone, it would be clamped to an end.
    line.value = chosen ? chosen.value : (Number(min) + Number(max)) / 2;
    line.toggleAttribute('data-unanswered', !chosen);
    line.setAttribute('aria-valuetext', chosen ? some.replace('{n}', chosen.value) : none);
  };
  const answer = () => {
    radios.find((radio) => radio.value === line.value).checked = true;
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
