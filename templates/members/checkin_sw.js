// The phone's copy of the check-in page, for when there is no signal. It keeps no answer and no data.
'use strict';
const STORE = 'c-{{ version }}';
const KEPT = ['/c/', '/c/style.css', '/c/app.js'];

addEventListener('install', function (event) {
  event.waitUntil(caches.open(STORE).then(function (store) {
    return store.addAll(KEPT.map(function (path) { return new Request(path, { cache: 'no-cache' }); }));
  }).then(function () { return skipWaiting(); }));
});
addEventListener('activate', function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return /^c-/.test(name) && name !== STORE; }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return clients.claim(); }));
});
function inTime(request) {
  return new Promise(function (yes, no) {
    const slow = setTimeout(no, 8000, new Error('slow'));
    fetch(request).then(yes, no).then(function () { clearTimeout(slow); });
  });
}
// The network first. Without one, with a server in trouble, or on the way to the sign-in page: the kept form.
addEventListener('fetch', function (event) {
  const request = event.request;
  const path = new URL(request.url).pathname;
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate') {
    const shell = function (answer) {
      return caches.match('/c/').then(function (kept) { return kept || answer || Response.error(); });
    };
    event.respondWith(inTime(request).then(function (answer) {
      return answer.type === 'opaqueredirect' || answer.status >= 500 ? shell(answer) : answer;
    }, function () { return shell(); }));
  } else if (KEPT.indexOf(path) > 0) {
    event.respondWith(inTime(request).catch(function () {
      return caches.match(path).then(function (kept) { return kept || Response.error(); });
    }));
  }
});
