// What walk.py asks of a page that is open: measures and words. Gives an object, and judges nothing.
(msgids) => {
  const INLINE = 'p, .foot, .skip, dd, li:not(nav *), td, th, svg, .crumbs';
  const root = document.documentElement;
  const seen = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const short = (e) => e.outerHTML.replace(/\s+/g, ' ').slice(0, 110);
  const in_a_box = (e) => { while ((e = e.parentElement) && e !== root) if (getComputedStyle(e).overflowX !== 'visible') return true; };
  const too_wide = root.scrollWidth > root.clientWidth
    ? [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1 && !in_a_box(e)).slice(0, 3).map(short) : [];
  const targets = [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')].filter(e => {
    let box = e.getBoundingClientRect();
    if (!box.width || !box.height || !seen(e) || (e.closest(INLINE) && e.matches('a:not(.btn), input'))) return false;
    const label = e.closest('label') || (e.id && document.querySelector(`label[for="${e.id}"]`));
    if (label && ['radio', 'checkbox'].includes(e.type)) {
      const other = label.getBoundingClientRect();
      box = {width: Math.max(box.width, other.width), height: Math.max(box.height, other.height)};
    }
    return box.height < 43.5 || box.width < 43.5;
  }).map(short);
  const clipped = (e) => { for (; e && e !== root; e = e.parentElement) if (getComputedStyle(e).clipPath !== 'none') return true; };
  const has_text = (e) => [...e.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  const spilled = [...document.querySelectorAll('main *, header *, footer *')].filter(e =>
    e.clientWidth && e.scrollWidth > e.clientWidth + 1 && has_text(e) && seen(e)
      && !e.closest('svg, select, input, textarea') && getComputedStyle(e).overflowX === 'visible' && !clipped(e)
  ).slice(0, 4).map(short);
  // On a desk the whole menu is in sight; on a phone it scrolls under the thumb.
  const menu = innerWidth >= 1000 && document.querySelector('.nav');
  if (menu && menu.scrollWidth > menu.clientWidth + 1) spilled.push(short(menu));
  if (innerWidth <= 760) {  // there each row is a block of labelled lines
    const scrolls = (e) => e.querySelector('table.stack') && e.scrollWidth > e.clientWidth;
    spilled.push(...[...document.querySelectorAll('.scroll')].filter(scrolls).map(short));
  }
  // What is squeezed breaks within a word, one letter below the other.
  const halved = (e) => {
    const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) for (const {0: word, index} of texts.currentNode.data.matchAll(/[^\s/-]+/g)) {
      if (word.includes('@')) continue;
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + (word.length > 20 ? 12 : word.length));
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) return true;
    }
  };
  const whole = ':is(.btn, .pill, .tag, .dot, .chip, .seg a, label.tick, h2, h3, legend, .attn b, .rows b, .facts dt, .facts dd)';
  const broken = [...document.querySelectorAll(whole)]
    .filter(e => seen(e) && !clipped(e) && halved(e)).slice(0, 4).map(short);
  const words = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data.replace(/\s+/g, ' ').trim();
    const parent = walk.currentNode.parentElement;
    if (text && !parent.closest('script, style, code, pre, [lang]:not(html)')) words.push(text);
  }
  const known = new Set(msgids);
  return {
    overflow: root.scrollWidth - root.clientWidth, too_wide, targets, spilled, broken,
    h1: [...document.querySelectorAll('h1')].filter(seen).length,
    lang: root.lang, title: document.title,
    skip: (document.querySelector('a[href], button, input, select, textarea, summary') || {className: ''}).className,
    untranslated: [...new Set(words.filter(word => known.has(word)))],
    codes: [...new Set(words.filter(word => /^[a-z_]+:[a-z_]+$/.test(word) || /^[A-Z]+(_[A-Z]+)+$/.test(word)))],
    words,
  };
}
