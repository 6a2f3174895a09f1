/* Enhancements of the portal's pages. Every page works without this file: no dependency, no inline handler, no eval. */
(function () {
  'use strict';
  const root = document.documentElement;
  const one = (selector, within) => (within || document).querySelector(selector);
  const all = (selector, within) => [...(within || document).querySelectorAll(selector)];

  // Theme: the system's unless chosen; the choice is the only thing ever kept in this browser.
  const stored = () => { try { return localStorage.getItem('theme'); } catch (error) { return null; } };
  const chosen = stored();
  if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen;
  all('[data-theme-toggle]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => {
      const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
      const next = (root.dataset.theme || system) === 'dark' ? 'light' : 'dark';
      root.dataset.theme = next;
      try { localStorage.setItem('theme', next); } catch (error) { /* private window: kept for this page only */ }
    });
  });
  all('form[data-theme-form]').forEach((form) => form.addEventListener('submit', () => {
    try { localStorage.removeItem('theme'); } catch (error) { /* nothing is kept */ }
  }));

  // Hide: leave at once, without a way back in the history. Three times Escape does the same.
  const hide = one('[data-hide]');
  if (hide) {
    const leave = (event) => {
      if (event) event.preventDefault();
      try { sessionStorage.clear(); } catch (error) { /* nothing was kept */ }
      document.body.replaceChildren();
      document.title = '';
      location.replace(hide.href);
    };
    let times = 0;
    let pause;
    hide.addEventListener('click', leave);
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      clearTimeout(pause);
      pause = setTimeout(() => { times = 0; }, 900);
      times += 1;
      if (times === 3) leave();
    });
    // A page kept by the browser for the back button is never shown again.
    addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  }

  // Menus: one open at a time; Escape and a click elsewhere close them.
  const menus = all('details.menu');
  const close = (except) => menus.forEach((menu) => { if (menu !== except) menu.open = false; });
  menus.forEach((menu) => menu.addEventListener('toggle', () => { if (menu.open) close(menu); }));
  document.addEventListener('click', (event) => { if (!event.target.closest('details.menu')) close(null); });
  document.addEventListener('keydown', (event) => {
    const open = event.key === 'Escape' && menus.find((menu) => menu.open);
    if (open) { open.open = false; one('summary', open).focus(); }
  });

  // Keyboard: / finds, ? lists the keys, g and a letter jumps.
  let jump = 0;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, textarea, select')) return;
    if (event.key === '/') {
      const field = one('[data-search-field]');
      const link = one('[data-search]');
      if (!field && !link) return;
      event.preventDefault();
      if (field) { field.focus(); field.select(); } else link.click();
    } else if (event.key === '?') {
      const link = one('a[data-keys]');
      if (link) link.click();
    } else if (event.key === 'g') {
      jump = Date.now();
    } else if (/^[a-z]$/.test(event.key) && Date.now() - jump < 900) {
      const link = one('.nav a[data-k="' + event.key + '"]');
      if (link) link.click();
    }
  });

  // Pieces of a page that may arrive later by htmx.
  const wire = (within) => {
    // Tables with tick boxes: how many are chosen, a run of them with Shift. The form's buttons work without this.
    all('form[data-bulk]', within).forEach((form) => {
      const boxes = [...form.elements].filter((field) => field.name === 'row' && field.type === 'checkbox');
      const whole = form.elements.all; // the pages that are not shown are chosen as well
      const words = one('[data-count]', form);
      const count = () => {
        const ticked = boxes.filter((box) => box.checked).length;
        if (!words) return;
        if (whole && whole.checked) words.textContent = words.dataset.whole;
        else words.textContent = ticked ? words.dataset.some.replace('%n', ticked) : words.dataset.none;
      };
      let last = null;
      boxes.forEach((box, index) => box.addEventListener('click', (event) => {
        if (event.shiftKey && last !== null) {
          boxes.slice(Math.min(last, index), Math.max(last, index) + 1).forEach((other) => { other.checked = box.checked; });
        }
        last = index;
      }));
      if (whole) whole.addEventListener('change', count);
      boxes.forEach((box) => box.addEventListener('change', count)); // they may stand outside the form that they belong to
      count();
    });
    all('[data-print]', within).forEach((button) => { button.hidden = false; button.addEventListener('click', () => print()); });
    all('[data-copy]', within).forEach((button) => {
      if (!navigator.clipboard) return;
      button.hidden = false;
      button.addEventListener('click', () => navigator.clipboard.writeText(one(button.dataset.copy).textContent.trim()).then(() => {
        button.textContent = button.dataset.done || button.textContent;
      }));
    });
    // Map zoom: the drawing's own viewBox; the table beside it is the equivalent without script.
    all('svg[data-map]', within).forEach((map) => {
      const whole = map.getAttribute('viewBox').split(' ').map(Number);
      let box = whole.slice();
      all('[data-zoom]').forEach((button) => {
        button.hidden = false;
        button.addEventListener('click', () => {
          const factor = Number(button.dataset.zoom);
          if (!factor) box = whole.slice();
          else {
            const width = Math.min(whole[2], Math.max(140, box[2] * factor));
            const height = width * whole[3] / whole[2];
            const inside = (start, length, size, full, from) => Math.max(from, Math.min(from + full - size, start + (length - size) / 2));
            box = [inside(box[0], box[2], width, whole[2], whole[0]), inside(box[1], box[3], height, whole[3], whole[1]), width, height];
          }
          map.setAttribute('viewBox', box.map(Math.round).join(' '));
        });
      });
    });
    const errors = one('.errs[tabindex]', within);
    if (errors) errors.focus();
  };
  wire(document);
  document.addEventListener('htmx:load', (event) => { if (event.target !== document.body) wire(event.target); });

  // How far work is: the picture is new every two seconds, the line that is read aloud at most every ten, and at once at the end.
  let said = -Infinity;
  const say = () => {
    const work = one('[data-said]');
    const line = one('[data-calm]');
    if (!work || !line || line.textContent === work.dataset.said) return;
    if (work.hasAttribute('aria-busy') && performance.now() - said < 10000) return;
    line.textContent = work.dataset.said;
    said = performance.now();
  };
  say();
  document.addEventListener('htmx:load', say);

  // What a person pressed may be gone with the piece that it stood in: the focus goes to what came instead, not back to the top.
  document.addEventListener('htmx:afterSettle', (event) => {
    const by = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    if (!by || !['click', 'submit'].includes(by.type) || document.activeElement !== document.body) return;
    const summary = one('summary', event.target);
    if (!summary) event.target.tabIndex = -1;
    (summary || event.target).focus({preventScroll: true});
  });

  // A form is sent once, however often its button is pressed.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post' || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    addEventListener('pageshow', () => { delete form.dataset.sent; });
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
})();
