/** What the page tells the service about a call, and asks it, beside the socket. */

/** @typedef {import('./located-view.js').Located} Located */

export class Office {
  /** @param {string} csrf */
  constructor(csrf) {
    this.csrf = csrf;
  }

  /** Where that fails the call goes on. @param {string} url @param {URLSearchParams} [said] @returns {Promise<boolean>} whether it arrived */
  async tell(url, said) {
    const headers = { 'X-CSRF-Token': this.csrf };
    said?.set('csrf_token', this.csrf);
    const answer = await fetch(url, { method: 'POST', headers, body: said, redirect: 'manual', keepalive: true }).catch(() => null);
    return answer?.ok ?? false;
  }

  /** @param {string} url of one client's @returns {Promise<Located | null>} null where it cannot be had */
  async whereIs(url) {
    const answer = await fetch(url, { headers: { Accept: 'application/json' }, redirect: 'manual' }).catch(() => null);
    return answer?.ok ? answer.json().catch(() => null) : null;
  }
}
