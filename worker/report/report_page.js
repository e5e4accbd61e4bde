// Adds to a report what HTML alone cannot: search, fold and open all, where in the contents one is.
'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const find = byId('find');
  const found = byId('found');
  const none = byId('none');
  const items = [...document.querySelectorAll('.item')].map((element) => ({element, text: null}));
  // Innermost first: a block shows when something in it does.
  const blocks = [...document.querySelectorAll('.block')].reverse();
  const areas = [...document.querySelectorAll('details.area')];

  const holds = (item, words) => {
    if (item.text === null) item.text = item.element.textContent.toLowerCase();
    return words.every((word) => item.text.includes(word));
  };

  const search = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const item of items) {
      const match = holds(item, words);
      item.element.hidden = !match;
      count += match;
    }
    for (const block of blocks) {
      block.hidden = words.length > 0 && !block.querySelector('.item:not([hidden])');
      if (words.length > 0 && !block.hidden && block.tagName === 'DETAILS') block.open = true;
    }
    found.textContent = words.length ? `${count} of ${items.length} settings` : '';
    none.hidden = words.length === 0 || count > 0;
  };

  const openAll = (open) => areas.forEach((area) => { area.open = open; });

  byId('tools').hidden = false;
  find.addEventListener('input', search);
  byId('open').addEventListener('click', () => openAll(true));
  byId('fold').addEventListener('click', () => openAll(false));
  document.addEventListener('keydown', (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find.focus();
    } else if (event.key === 'Escape' && document.activeElement === find) {
      find.value = '';
      search();
    }
  });

  // A link into a folded area opens it.
  const reveal = () => {
    const target = location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
    for (let e = target; e; e = e.parentElement) if (e.tagName === 'DETAILS' && e.matches('.area')) e.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener('hashchange', reveal);
  if (location.hash.length > 1) reveal();

  // Older browsers keep folded what is folded, on paper too.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = areas.filter((area) => !area.open);
    openAll(true);
  });
  addEventListener('afterprint', () => folded.forEach((area) => { area.open = false; }));

  const links = new Map([...document.querySelectorAll('.contents a')].map((a) => [a.hash.slice(1), a]));
  const headings = [...links.keys()].map(byId).filter(Boolean);
  let current = null;
  const here = () => {
    let last = headings[0];
    for (const heading of headings) if (heading.getBoundingClientRect().top < 120) last = heading;
    const link = last && links.get(last.id);
    if (link === current) return;
    if (current) current.removeAttribute('aria-current');
    current = link;
    if (current) current.setAttribute('aria-current', 'true');
  };
  let waiting = false;
  addEventListener('scroll', () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; here(); });
  }, {passive: true});
  here();
})();
