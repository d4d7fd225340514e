/*
 * Takes user and password out of the address bar: http://user:password@host/ logs in, and from then on the browser knows them by
 * itself. history.replaceState may not change them, so the page is loaded anew. Runs as a plain blocking script. Only once: where a
 * browser keeps them all the same, the page works as it is (addressOf in api.ts).
 */
(() => {
  const key = 'lookout.address';
  const { username, password } = new URL(document.URL);
  const isClean = username === '' && password === '';
  try {
    const isTried = sessionStorage.getItem(key) !== null;
    if (isClean) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, 'cleaned');
    if (isClean || isTried) return;
  } catch {
    return; // storage is switched off: nothing would tell whether it was tried
  }
  location.replace(location.origin + location.pathname + location.search + location.hash);
})();
