/* The check-in page: what it adds to a form that works without it. No newer syntax or interface than Chrome 80, Safari 13 and
   Firefox 78 know (tests/members/test_phone_floor.py). Nothing is shown as sent before the server has said so. */
(function () {
  'use strict';
  const one = function (selector) { return document.querySelector(selector); };
  const each = function (list, run) { Array.prototype.forEach.call(list, run); };

  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
  } catch (error) { /* nothing is kept */ }

  // Hide: leave without a way back. Unsent check-ins are not touched.
  const hide = one('[data-hide]');
  if (hide) {
    const leave = function (event) {
      if (event) event.preventDefault();
      document.body.textContent = '';
      document.title = '';
      location.replace(hide.href);
    };
    let times = 0;
    let pause;
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
    addEventListener('pageshow', function () { free(form); });
  });
  function free(form) {
    delete form.dataset.sent;
    form.removeAttribute('aria-busy');
  }

  // Undo: the seconds left stand on the button; then it goes. The server decides by its own clock.
  each(document.querySelectorAll('[data-countdown]'), function (button) {
    let left = Number(button.dataset.countdown);
    const words = button.textContent;
    const tick = setInterval(function () {
      left -= 1;
      if (left > 0) { button.textContent = words + ' (' + left + ')'; return; }
      clearInterval(tick);
      if (document.activeElement !== button) button.hidden = true;
    }, 1000);
  });

  // Fetched first, and shown only when it came: without a signal a reload would put an empty form in the place of what stands here.
  function fetched(path) {
    const stop = window.AbortController ? new AbortController() : { abort: function () {} };
    const slow = setTimeout(function () { stop.abort(); }, 20000);
    return fetch(path, { credentials: 'same-origin', redirect: 'error', cache: 'no-store', signal: stop.signal }).then(function (answer) {
      return answer.text().then(function (text) {
        const page = new DOMParser().parseFromString(text, 'text/html');
        if (!answer.ok || !page.querySelector('[data-kept]')) throw answer;
        return page;
      });
    }).then(function (page) { clearTimeout(slow); return page; }, function (error) { clearTimeout(slow); throw error; });
  }

  // Who needs help sees by itself when somebody has acknowledged it, and how old it is what stands here.
  const stands = one('[data-stands]');
  if (stands) {
    let next;
    let at = new Date();
    const tell = function (words) {
      stands.textContent = words.replace('00:00', ('0' + at.getHours()).slice(-2) + ':' + ('0' + at.getMinutes()).slice(-2));
      stands.hidden = false;
    };
    const look = function () {
      clearTimeout(next);
      fetched(location.pathname).then(function (page) {
        const parts = page.querySelectorAll('[data-fresh]');
        const here = document.querySelectorAll('[data-fresh]');
        if (parts.length !== here.length) { location.reload(); return; }
        each(here, function (part, which) {
          if (part.isEqualNode(parts[which])) return;
          part.textContent = '';
          part.append(...document.importNode(parts[which], true).childNodes);
        });
        at = new Date();
        tell(stands.dataset.now);
      }).catch(function (answer) {
        if (answer.status === 410) location.reload();
        else tell(stands.dataset.then);
      }).then(soon);
    };
    const soon = function () { if (one('[data-refresh]')) next = setTimeout(look, 30000); };
    one('[data-look]').addEventListener('click', function (event) { event.preventDefault(); look(); });
    addEventListener('online', look);
    soon();
  }

  // The language is sent as soon as it is chosen; without script there is a button.
  each(document.querySelectorAll('select[data-submit]'), function (select) {
    select.addEventListener('change', function () { select.form.submit(); });
  });

  // After the status the second question comes into view.
  const form = one('form[data-checkin]');
  if (form) {
    form.addEventListener('change', function (event) {
      const next = form.querySelectorAll('fieldset')[1];
      if (!next || !form.querySelector('fieldset').contains(event.target)) return;
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      next.scrollIntoView({ block: 'center', behavior: calm ? 'auto' : 'smooth' });
    });
  }

  const errors = one('.errs[tabindex]');
  if (errors) errors.focus();

  // ---- The queue. Without these interfaces, and over plain http, the form is posted as it stands.
  const kept = one('[data-kept]');
  if (!kept || !window.indexedDB || !window.crypto || !crypto.subtle || !window.fetch || !window.AbortController) return;
  const say = kept.dataset;
  const code = (location.pathname.match(/^\/c\/(?!enrol\/)([\w-]+)\//) || [])[1] || '';
  const API = '/api/v1/check-ins/';
  const WAITING = ['waiting', 'signin', 'site'];
  const A_DAY = 86400000;
  const me = String(Math.random());
  let size = 50;
  let wait = 1;
  let timer;
  let last = '';
  let doubted = ''; // the item of which somebody is asked whether to delete it
  let tried = {};
  let facts = null;

  // A database of two stores: the check-ins, each locked with a key that no script can read out, and what the phone knows.
  let opened;
  let gone = false; // wiped: nothing opens the database again, which would make it anew
  function database() {
    if (gone) return Promise.reject(new Error('gone'));
    opened = opened || new Promise(function (yes, no) {
      const request = indexedDB.open('checkin', 1);
      request.onupgradeneeded = function () {
        request.result.createObjectStore('queue', { keyPath: 'id' });
        request.result.createObjectStore('meta');
      };
      request.onsuccess = function () {
        // another tab deletes what the phone holds: let go, or the deletion waits for this one
        request.result.onversionchange = function (event) {
          request.result.close();
          opened = null;
          if (event.newVersion === null && !gone) { gone = true; end(say.elsewhere); }
        };
        yes(request.result);
      };
      request.onerror = function () { no(request.error); };
    });
    return opened;
  }
  function using(store, mode, work) {
    return database().then(function (db) {
      return new Promise(function (yes, no) {
        const transaction = db.transaction(store, mode, { durability: 'strict' });
        const box = {};
        const request = work(transaction.objectStore(store), box);
        transaction.oncomplete = function () { yes('value' in box ? box.value : request && request.result); };
        transaction.onerror = transaction.onabort = function () { no(transaction.error); };
      });
    });
  }
  function read(name) { return using('meta', 'readonly', function (store) { return store.get(name); }); }
  function write(name, value) { return using('meta', 'readwrite', function (store) { return store.put(value, name); }); }
  function change(name, next) { // reads and writes in one transaction, so that two tabs cannot both win
    return using('meta', 'readwrite', function (store, box) {
      const request = store.get(name);
      request.onsuccess = function () {
        box.value = next(request.result);
        store.put(box.value, name);
      };
    });
  }
  function items() {
    return using('queue', 'readonly', function (store) { return store.getAll(); }).then(function (all) {
      return all.sort(function (a, b) { return a.seq - b.seq; });
    });
  }
  function put(item) { return using('queue', 'readwrite', function (store) { return store.put(item); }); }
  function drop(id) { return using('queue', 'readwrite', function (store) { return store.delete(id); }); }

  function key() {
    return read('key').then(function (known) {
      if (known) return known;
      return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']).then(function (made) {
        return change('key', function (other) { return other || made; });
      });
    });
  }
  function lock(answers) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return key().then(function (secret) {
      return crypto.subtle.encrypt({ name: 'AES-GCM', iv: iv }, secret, new TextEncoder().encode(JSON.stringify(answers)));
    }).then(function (box) { return { iv: iv, box: box }; });
  }
  function unlock(item, secret) {
    return crypto.subtle.decrypt({ name: 'AES-GCM', iv: item.iv }, secret, item.box).then(function (text) {
      return Object.assign({ id: item.id, seq: item.seq, at: new Date(item.at).toISOString() }, JSON.parse(new TextDecoder().decode(text)));
    });
  }
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    return Array.prototype.map.call(bytes, function (byte, at) {
      return ([4, 6, 8, 10].indexOf(at) < 0 ? '' : '-') + (byte + 256).toString(16).slice(1);
    }).join('');
  }
  function keep(answers) {
    const at = Date.now();
    return Promise.all([lock(answers), change('seq', function (seq) { return (seq || 0) + 1; })]).then(function (made) {
      const item = { id: uuid(), alias: facts ? facts.alias : '', at: at, state: 'waiting', seq: made[1], iv: made[0].iv, box: made[0].box };
      return put(item).then(function () { return item; });
    });
  }

  // ---- Sending: one tab at a time, the same ids again after a lost reply, deleted only when the server named the id.
  function alone(work) {
    if (navigator.locks) {
      return navigator.locks.request('send', { ifAvailable: true }, function (mine) { return mine ? work() : again(3); });
    }
    return change('lease', function (lease) {
      return lease && lease.who !== me && lease.until > Date.now() ? lease : { who: me, until: Date.now() + 30000 };
    }).then(function (lease) {
      if (lease.who !== me) return again(3);
      const done = function () { return write('lease', null); };
      return work().then(done, done);
    });
  }
  function ask(path, body, wiped) {
    const stop = new AbortController();
    const slow = setTimeout(function () { stop.abort(); }, 20000);
    return fetch(API + path, {
      method: body ? 'POST' : 'GET', credentials: 'same-origin', redirect: 'error', cache: 'no-store', signal: stop.signal,
      headers: Object.assign({ 'X-Check-In': '1' }, body ? { 'Content-Type': 'application/json' } : {}, wiped ? { 'X-Wiped': '1' } : {}),
      body: body ? JSON.stringify(body) : undefined
    }).then(function (answer) {
      const json = /json/.test(answer.headers.get('Content-Type') || '');
      return (json ? answer.json() : Promise.resolve(null)).then(function (said) {
        return { status: answer.status, said: said, after: Number(answer.headers.get('Retry-After')) || 0 };
      });
    }).then(function (answer) { clearTimeout(slow); return answer; }, function (error) { clearTimeout(slow); throw error; });
  }
  function again(seconds) {
    clearTimeout(timer);
    timer = setTimeout(send, 1000 * seconds);
  }
  function later(seconds) {
    wait = Math.min(300, wait * 2);
    again(seconds || Math.random() * wait);
  }
  function send() {
    clearTimeout(timer);
    if (gone) return Promise.resolve();
    return alone(function () { tried = {}; return batch(); }).catch(function () { last = 'offline'; later(); }).then(draw);
  }
  // In one go each is asked once, what waits for another person last: whatever becomes of one, no other waits for it.
  function batch() {
    return Promise.all([items(), key()]).then(function (found) {
      const ready = found[0].filter(function (item) { return WAITING.indexOf(item.state) >= 0 && !tried[item.id]; });
      const others = ready.filter(function (item) { return item.state === 'site'; });
      const some = ready.filter(function (item) { return item.state !== 'site'; }).concat(others).slice(0, size);
      if (!some.length) return null;
      last = 'sending';
      draw();
      return Promise.all(some.map(function (item) {
        return Promise.resolve(item).then(function () { return unlock(item, found[1]); }).catch(function () {
          item.state = 'locked'; // its key is gone or its text is damaged: it will never be read again
          return put(item);
        });
      })).then(function (events) {
        const open = some.filter(function (item) { return item.state !== 'locked'; });
        if (!open.length) { last = ''; return batch(); }
        events = events.filter(function (event) { return event && event.id; });
        return ask('batch/', { device_now: new Date().toISOString(), app: 1, events: events }).then(function (answer) { return heard(open, answer); });
      });
    });
  }
  function heard(some, answer) {
    const status = answer.status;
    const results = status === 200 && answer.said && answer.said.results;
    if (Array.isArray(results)) {
      last = '';
      wait = 1;
      return Promise.all(some.map(function (item) {
        tried[item.id] = true;
        const result = results.filter(function (one) { return one.id === item.id; })[0];
        if (!result) return null;
        if (result.status === 'stored' || result.status === 'duplicate') {
          return drop(item.id).then(function () { if (item.id === say.now) shown(item.id); });
        }
        if (result.status !== 'conflict' && result.status !== 'rejected') return null;
        item.state = result.code === 'site' ? 'site' : result.status;
        item.why = item.state === 'rejected' ? result.message || '' : '';
        return put(item);
      })).then(batch);
    }
    if (status === 410) return wipe();
    if (status === 413 || status === 400) { // one of them may be the cause: smaller, until it is alone
      if (some.length > 1) size = Math.ceil(some.length / 2);
      else { tried[some[0].id] = true; some = null; }
      last = '';
      return batch().then(function () { if (!some) { last = last || 'fault'; again(300); } });
    }
    if (status === 401) {
      last = 'signin';
      return Promise.all(some.map(function (item) { item.state = 'signin'; return put(item); }));
    }
    if (status === 409) { last = 'old'; return renew(); }
    if (status === 429 || status === 503) last = 'busy';
    else if (status === 200 || status === 511 || status < 500 && !answer.said) last = 'portal';
    else last = status === 403 ? 'refused' : 'fault';
    return later(answer.after);
  }
  // The page is too old for the portal. The queue stays; the page is loaded anew, but not over answers that nobody has sent.
  function renew() {
    again(300);
    return read('renewed').then(function (before) {
      if (before && Math.abs(Date.now() - before.at) < 600000) return null;
      return Promise.resolve(navigator.serviceWorker && navigator.serviceWorker.getRegistration('/c/')).then(function (found) {
        return found && found.update();
      }).then(function () {
        if (form && !one('[data-forms]').hidden && form.querySelector(':checked')) return null;
        const help = !one('[data-help]').hidden;
        return write('renewed', { at: Date.now(), now: say.now, help: help }).then(function () { location.reload(); });
      });
    });
  }
  // Stored: said here at once; the page that tells more is gone to when it has answered.
  function shown(id) {
    say.stored = id;
    draw();
    reach(id);
  }
  let reaching = '';
  function reach(id) {
    if (reaching === id) return;
    reaching = id;
    const path = '/c/' + code + '/sent/' + id + '/';
    fetched(path).then(function () { if (id === say.now) location.assign(path); }, function (answer) {
      if (id !== say.now) return;
      if (answer.status === 410) wipe();
      else if (answer.status === 404 && say.stored !== id) afresh(); // deleted in another tab, unsent
      else setTimeout(function () { reaching = ''; draw(); }, 10000);
    });
  }

  // ---- A phone that was ended deletes what it holds, and says what that was; so does each other tab that is open.
  function end(words) {
    clearTimeout(timer);
    each(document.querySelectorAll('[data-forms], [data-queue], [data-kept], [data-leave]'), function (part) { part.remove(); });
    const note = one('[data-wiped]');
    note.textContent = words;
    note.hidden = false;
    facts = null;
  }
  function empty() {
    if (gone) return Promise.resolve();
    const held = items().catch(function () { return []; });
    gone = true;
    return held.then(function (all) {
      return Promise.resolve(opened).then(function (db) { if (db) db.close(); }).catch(function () {}).then(function () {
        return Promise.all([
          new Promise(function (yes) {
            const request = indexedDB.deleteDatabase('checkin');
            request.onsuccess = request.onerror = request.onblocked = yes;
          }),
          window.caches ? caches.keys().then(function (names) { return Promise.all(names.map(function (name) { return caches.delete(name); })); }) : null,
          navigator.serviceWorker ? navigator.serviceWorker.getRegistrations().then(function (found) {
            return Promise.all(found.map(function (one) { return one.unregister(); }));
          }) : null
        ]);
      }).then(function () { end(say.gone.replace('0', all.length)); });
    });
  }
  function wipe() {
    if (gone) return Promise.resolve();
    return empty().then(function () { return ask('batch/', { events: [] }, true).catch(function () {}); });
  }

  // ---- What is shown: alias, time and state; the answers stay locked.
  function draw() {
    if (gone) return Promise.resolve();
    return items().then(function (all) {
      const list = one('[data-queue]');
      if (!list) return;
      list.hidden = !all.length;
      const rows = list.querySelector('ul'), held = document.activeElement.dataset.item;
      rows.textContent = '';
      all.forEach(function (item) { rows.appendChild(row(item)); });
      each(rows.querySelectorAll('button'), function (made) { if (made.dataset.item === held) made.focus(); });
      const leave = one('[data-leave]');
      if (leave) {
        leave.hidden = false;
        leave.querySelector('p').textContent = leave.dataset.leave.replace('0', all.length);
      }
      const mine = all.filter(function (item) { return item.id === say.now; })[0];
      const stored = say.now && say.stored === say.now;
      kept.hidden = !say.now;
      if (!say.now) return;
      kept.querySelector('h1').textContent = stored ? say.sent : mine && last !== 'sending' ? say.unsent : say.sending;
      one('[data-why]').textContent = stored ? say.done : mine ? state(mine) : '';
      one('[data-door]').hidden = !mine || last !== 'signin' || mustEnrol();
      one('[data-nobody]').hidden = stored;
      one('[data-rescue]').hidden = !stored;
      one('[data-kept] [data-send]').hidden = !mine;
      if (!mine) { one('[data-line]').hidden = true; reach(say.now); }
    }).catch(function () {});
  }
  function mustEnrol() { return facts && facts.may_sign_in === false; }
  function state(item) {
    const is = item.state === 'waiting' && last ? last : item.state;
    return (say[is === 'signin' && mustEnrol() ? 'code' : is] || '') + (item.why && is === 'rejected' ? ': ' + item.why : '');
  }
  function row(item) {
    const line = document.createElement('li');
    const text = document.createElement('span');
    text.textContent = [item.alias, new Date(item.at).toLocaleString(document.documentElement.lang, {
      day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'
    }), state(item)].filter(Boolean).join(' · ');
    line.appendChild(text);
    // The list is drawn anew whenever another tab or a new attempt says so: between the two presses, too.
    const made = button(item.id === doubted ? say.sure : say.delete, function () {
      if (doubted !== item.id) { doubted = item.id; draw(); return; }
      drop(item.id).then(function () { return item.id === say.now ? afresh() : draw(); });
    });
    made.dataset.item = item.id;
    line.appendChild(made);
    return line;
  }
  function button(words, run) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'btn';
    made.textContent = words;
    made.addEventListener('click', run);
    return made;
  }

  // ---- The text line: alias, number, time, two answers, a keyed code and a check digit; no place and no company.
  const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  function check(text) { // ISO 7064, MOD 37,36
    let sum = 18;
    text.split('').forEach(function (letter) { sum = ((sum || 36) * 2 % 37 + LETTERS.indexOf(letter)) % 36; });
    return LETTERS[(37 - (sum || 36) * 2 % 37) % 36];
  }
  function textLine(item, answers) {
    return read('line').then(function (secret) {
      if (!secret) return '';
      const status = answers.same ? 'C' : (answers.operational || 'NONE')[0];
      const people = { all: 'A', reached: 'R', help: 'H', unsure: 'U' + answers.not_reached }[answers.people] || 'N';
      const minute = new Date(item.at).toISOString().replace(/\D/g, '').slice(2, 12);
      const said = [item.alias, item.seq, minute, status, people].join(' ');
      return crypto.subtle.sign('HMAC', secret, new TextEncoder().encode(said)).then(function (signed) {
        const number = new DataView(signed).getUint32(0) >>> 2;
        let keyed = '';
        for (let at = 25; at >= 0; at -= 5) keyed += '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[number >>> at & 31];
        return said + ' ' + keyed + check((said + keyed).replace(/ /g, ''));
      });
    });
  }

  // ---- The form.
  function answersOf() {
    const data = new FormData(form);
    const number = data.get('not_reached');
    return {
      site: code, operational: data.get('operational') || '', people: data.get('people') || '', note: data.get('note') || '',
      not_reached: data.get('people') === 'unsure' && /^\d+$/.test(number) ? Number(number) : null
    };
  }
  function isWhole(answers) {
    return (answers.operational || answers.people === 'help') && answers.people && (answers.people !== 'unsure' || answers.not_reached !== null);
  }
  // Two forms, each with one button: what is sent depends on the form, never on which button a keyboard takes for the first.
  const forms = one('[data-forms]');
  const same = one('form[data-same]');
  function submit(event) {
    if (event.defaultPrevented) return;
    const sent = event.target;
    const answers = sent === same ? { site: code, same: true } : answersOf();
    if (sent === form && !isWhole(answers)) {
      if (navigator.onLine && !form.dataset.shell) return; // the server says what is missing, beside each question
      event.preventDefault();
      free(form);
      one('[data-missing]').hidden = false;
      one('[data-missing]').focus();
      return;
    }
    event.preventDefault();
    keep(answers).then(function (item) {
      say.now = item.id;
      last = 'sending';
      forms.hidden = true;
      one('[data-help]').hidden = answers.people !== 'help';
      one('[data-line]').hidden = true;
      one('[data-missing]').hidden = true;
      draw();
      kept.querySelector('h1').focus();
      textLine(item, answers).then(function (line) {
        if (!line || say.stored === item.id) return;
        one('[data-line]').hidden = false;
        one('[data-line] output').textContent = line;
        one('[data-line] a').href = 'sms:?&body=' + encodeURIComponent(line);
      });
      return send();
    }).catch(function () { sent.submit(); }); // nothing can be kept here: let the server take it at once
  }
  function afresh() {
    say.now = '';
    form.reset();
    each([form, same], function (other) { if (other) free(other); });
    forms.hidden = false;
    draw();
  }
  if (form && code) {
    each([form, same], function (other) { if (other) other.addEventListener('submit', submit); });
    one('[data-again]').addEventListener('click', afresh);
    read('renewed').then(function (before) { // what was being sent when the page renewed itself
      if (!before || !before.now) return null;
      say.now = before.now;
      forms.hidden = true;
      one('[data-help]').hidden = !before.help;
      return write('renewed', { at: before.at });
    }).then(draw).catch(function () {});
  }

  // ---- What the phone may offer: two booleans and their time, for when the form comes from this phone's own copy.
  function apply(known) {
    facts = known;
    if (!known || !form) return;
    // Of an older day only the careful answer is offered: who reads this has heard of no roll call and no higher level since.
    const fresh = Math.abs(Date.now() - (known.heard || 0)) < A_DAY;
    const careful = known.otherwise_as_before || !fresh;
    each(forms.querySelectorAll('[data-if]'), function (part) {
      const may = { confirm: known.may_confirm && fresh, all: known.may_say_all && !careful, before: known.may_say_all && careful }[part.dataset.if];
      part.hidden = !may && !part.querySelector(':checked');
    });
    each(document.querySelectorAll('[data-alias]'), function (part) { part.textContent = known.alias; });
    const tels = one('[data-help] .tels');
    tels.textContent = '';
    (known.numbers || []).forEach(function (number) {
      const call = document.createElement('a');
      call.className = 'btn pri';
      call.href = 'tel:' + number;
      call.textContent = number;
      tels.appendChild(call);
    });
    one('[data-local]').hidden = tels.childNodes.length > 0;
  }
  function learn() {
    if (!code) {
      if (location.pathname !== '/c/') return Promise.resolve();
      return read('code').then(function (known) { if (known) location.replace('/c/' + known + '/'); });
    }
    return read('site ' + code).then(apply).then(function () { return ask('bootstrap/?site=' + code); }).then(function (answer) {
      if (answer.status === 410) return wipe();
      if (answer.status === 401 && form && form.dataset.shell) { one(mustEnrol() ? '[data-enrol]' : '[data-out]').hidden = false; return null; }
      if (answer.status !== 200 || !answer.said || !answer.said.alias) return null;
      const known = answer.said;
      const bytes = known.line_key ? new Uint8Array(known.line_key.match(/../g).map(function (pair) { return parseInt(pair, 16); })) : null;
      delete known.line_key;
      known.heard = Date.now(); // by this clock, whatever it says: only the distance counts
      apply(known);
      return Promise.all([
        write('site ' + code, known), write('code', code),
        bytes ? crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']).then(function (line) { return write('line', line); }) : null
      ]);
    });
  }
  function install() {
    if (!navigator.serviceWorker || !window.caches) return null;
    return navigator.serviceWorker.register('/c/sw.js', { scope: '/c/' }).then(function () { return navigator.serviceWorker.ready; }).then(function () {
      return caches.match('/c/');
    }).then(function (copy) { // the copy speaks the language that was chosen last
      if (!copy || copy.headers.get('Content-Language') === document.documentElement.lang || !navigator.onLine) return null;
      return caches.keys().then(function (names) {
        return caches.open(names.filter(function (name) { return /^c-/.test(name); })[0]);
      }).then(function (cache) { return cache.add('/c/'); });
    });
  }
  if (one('[data-ended]')) { wipe(); return; }
  if (one('[data-empty]')) one('[data-empty]').addEventListener('click', empty);
  each(document.querySelectorAll('[data-send]'), function (press) { press.addEventListener('click', send); });
  addEventListener('online', send);
  addEventListener('offline', draw);
  document.addEventListener('visibilitychange', function () { if (!document.hidden) send(); });
  setInterval(draw, 5000); // another tab may have sent them
  draw();
  learn().catch(function () {}).then(send);
  addEventListener('load', function () { install(); if (navigator.storage && navigator.storage.persist) navigator.storage.persist(); });
})();
