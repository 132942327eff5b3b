/**
 * <leave-quickly> around the form of "Leave quickly". Without scripts the form alone ends the session and goes away;
 * with them the page is gone at once, media stop, and no entry of it stays in the history.
 */

/** Set in this tab while it is away, so that a page kept by the browser hides itself when it comes back. */
const LEFT = 'left';

/** Tell the server, even while this page goes away. @param {HTMLFormElement} form */
function endSession(form) {
  const body = new FormData(form);
  if ('keepalive' in Request.prototype) {
    // Not sendBeacon where this exists: a beacon would follow the answer to the other site, which our policy forbids.
    const options = { method: 'POST', body, keepalive: true, redirect: /** @type {const} */ ('manual') };
    // It rejects when this page is gone before the answer comes; the request itself lives on.
    fetch(form.action, { ...options, referrerPolicy: 'same-origin' }).catch(() => {});
  } else {
    navigator.sendBeacon(form.action, body);
  }
}

function sendNoReferrer() {
  const meta = document.createElement('meta');
  meta.name = 'referrer';
  meta.content = 'no-referrer';
  document.head.append(meta);
}

/** The server sets the same cookie, but Back may be quicker than its answer. @param {string} name @param {string} secure */
function closeEveryPage(name, secure) {
  document.cookie = `${name}=1; path=/; max-age=900; samesite=lax${secure}`;
}

function rememberLeaving() {
  try {
    sessionStorage.setItem(LEFT, '1');
  } catch {
    // Storage may be switched off; the server's cookie still keeps every page away.
  }
}

/** @returns {boolean} whether this tab had left, which is then forgotten */
function hadLeft() {
  try {
    const left = sessionStorage.getItem(LEFT) !== null;
    sessionStorage.removeItem(LEFT);
    return left;
  } catch {
    return false;
  }
}

class LeaveQuickly extends HTMLElement {
  connectedCallback() {
    this.addEventListener('submit', this.#leave);
  }

  disconnectedCallback() {
    this.removeEventListener('submit', this.#leave);
  }

  /** @param {SubmitEvent} event */
  #leave = (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.leave) return;
    event.preventDefault();
    document.documentElement.hidden = true;
    document.title = 'New tab';
    rememberLeaving();
    closeEveryPage(form.dataset.away ?? '', location.protocol === 'https:' ? '; secure' : '');
    window.dispatchEvent(new Event('leave-quickly'));
    endSession(form);
    sendNoReferrer();
    location.replace(form.dataset.leave);
  };
}

window.addEventListener('pageshow', (event) => {
  if (!hadLeft() || !event.persisted) return;
  document.documentElement.hidden = true;
  location.reload();
});

customElements.define('leave-quickly', LeaveQuickly);
