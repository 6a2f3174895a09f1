// Puts a plan card on this phone by choice, and takes it away again. The service worker of /card/ (card-sw.js) shows it.
'use strict';

(function () {
  const root = document.querySelector('[data-card]');
  if (!root || !('serviceWorker' in navigator) || !('caches' in window)) return;
  const { card, until, expired, keep: source } = root.dataset;
  const name = `card-${card}`;
  const page = `/card/${card}/`;
  const last = new Date(`${until}T23:59:59`).getTime();
  const keepButton = root.querySelector('[data-do="keep"]');
  const dropButton = root.querySelector('[data-do="remove"]');
  const status = root.querySelector('[role="status"]');
  const without = root.querySelector('[data-without]');

  if (without) without.hidden = true;
  if (keepButton) keepButton.addEventListener('click', () => run(put, 'done'));
  if (dropButton) dropButton.addEventListener('click', () => run(drop, 'gone'));
  show();

  async function run(act, said) {
    try {
      await act();
      status.textContent = root.dataset[said];
    } catch (error) {
      await caches.delete(name);
      status.textContent = root.dataset.failed;
    }
    await show();
  }

  async function show() {
    const has = Boolean(await caches.match(page, { cacheName: name }));
    if (keepButton) keepButton.hidden = has;
    if (dropButton) dropButton.hidden = !has;
  }

  async function put() {
    const answer = await fetch(source, { credentials: 'same-origin', redirect: 'error' });
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    await navigator.serviceWorker.register('/card/sw.js', { scope: '/card/' });
    await caches.delete(name);
    const cache = await caches.open(name);
    const parts = [...document.querySelectorAll('link[rel="stylesheet"], script[src]')].map((part) => part.href || part.src);
    await cache.addAll(parts);
    const meta = { until: last, expired, language: document.documentElement.lang };
    await cache.put('/card/meta', new Response(JSON.stringify(meta), { headers: { 'Content-Type': 'application/json' } }));
    await cache.put(page, new Response(html, { headers: { 'Content-Type': 'text/html; charset=utf-8' } }));
  }

  async function drop() {
    await caches.delete(name);
    const others = (await caches.keys()).filter((other) => other.startsWith('card-'));
    if (others.length) return;
    const worker = await navigator.serviceWorker.getRegistration('/card/');
    if (worker) await worker.unregister();
  }
})();
