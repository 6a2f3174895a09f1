/* Enhancements of the check-in page, online. The form works without this file. No newer syntax than 2019: old phones. */
(function () {
  'use strict';
  var one = function (selector) { return document.querySelector(selector); };
  var each = function (list, run) { Array.prototype.forEach.call(list, run); };

  try {
    var theme = localStorage.getItem('theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
  } catch (error) { /* nothing is kept */ }

  // Hide: leave without a way back. Unsent check-ins are not touched.
  var hide = one('[data-hide]');
  if (hide) {
    var leave = function (event) {
      if (event) event.preventDefault();
      document.body.textContent = '';
      document.title = '';
      location.replace(hide.href);
    };
    var times = 0;
    var pause;
    hide.addEventListener('click', leave);
    document.addEventListener('keydown', function (event) {
      if (event.key !== 'Escape') return;
      clearTimeout(pause);
      pause = setTimeout(function () { times = 0; }, 900);
      times += 1;
      if (times === 3) leave();
    });
    addEventListener('pageshow', function (event) { if (event.persisted) location.reload(); });
  }

  // One press is one check-in; the form's id makes a second one harmless on the server too.
  each(document.querySelectorAll('form[method=post]'), function (form) {
    form.addEventListener('submit', function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = '1';
      form.setAttribute('aria-busy', 'true');
    });
    addEventListener('pageshow', function () { delete form.dataset.sent; form.removeAttribute('aria-busy'); });
  });

  // Undo: the seconds left stand on the button; then it goes. The server decides by its own clock.
  each(document.querySelectorAll('[data-countdown]'), function (button) {
    var left = Number(button.dataset.countdown);
    var words = button.textContent;
    var tick = setInterval(function () {
      left -= 1;
      if (left > 0) { button.textContent = words + ' (' + left + ')'; return; }
      clearInterval(tick);
      if (document.activeElement !== button) button.hidden = true;
    }, 1000);
  });

  // The language is sent as soon as it is chosen; without script there is a button.
  each(document.querySelectorAll('select[data-submit]'), function (select) {
    select.addEventListener('change', function () { select.form.submit(); });
  });

  // The line under the button says whether there is a signal.
  var net = one('[data-net]');
  if (net) {
    var say = function () { net.textContent = navigator.onLine ? net.dataset.on : net.dataset.off; };
    addEventListener('online', say);
    addEventListener('offline', say);
    if (!navigator.onLine) say();
  }

  // After the status the second question comes into view.
  var form = one('form[data-checkin]');
  if (form) {
    form.addEventListener('change', function (event) {
      var next = form.querySelectorAll('fieldset')[1];
      if (!next || !form.querySelector('fieldset').contains(event.target)) return;
      var calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      next.scrollIntoView({ block: 'center', behavior: calm ? 'auto' : 'smooth' });
    });
  }

  var errors = one('.errs[tabindex]');
  if (errors) errors.focus();
})();
