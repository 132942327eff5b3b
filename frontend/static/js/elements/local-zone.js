/**
 * <local-zone shown="Europe/Berlin" unchosen hidden> shows times on the device's own clocks where they differ from the
 * shown ones: by itself while it is `unchosen`, until the browser is closed; else it offers to. Inside: a form
 * with the field `zone`, and [data-city].
 */

const HALF_A_YEAR_MS = 182 * 24 * 3_600_000;

/**
 * Whether two zones show the same clock, now and in the other half of the year; names alone do not tell, since many
 * zones have several.
 * @param {string} one IANA name
 * @param {string} other IANA name
 * @param {number} now milliseconds since the epoch
 */
export function sameClock(one, other, now) {
  return [now, now + HALF_A_YEAR_MS].every((moment) => wallClock(one, moment) === wallClock(other, moment));
}

/**
 * @param {string} zone
 * @param {number} moment
 */
function wallClock(zone, moment) {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(moment);
}

/** @param {string} zone IANA name */
export function cityOf(zone) {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}

/**
 * Whether the server took the zone; it answers with a way on then, which is not followed.
 * @param {HTMLFormElement} form
 */
async function taken(form) {
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  body.set('for_now', '1');
  try {
    const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual' });
    return answer.type === 'opaqueredirect';
  } catch {
    return false;
  }
}

class LocalZone extends HTMLElement {
  connectedCallback() {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const shown = this.getAttribute('shown');
    const field = this.querySelector('input[name="zone"]');
    const city = this.querySelector('[data-city]');
    if (!own || !shown || !city || !(field instanceof HTMLInputElement)) return;
    if (own === shown || sameClock(own, shown, Date.now())) return;
    field.value = own;
    city.textContent = cityOf(own);
    void this.#begin(field.form);
  }

  /** @param {HTMLFormElement | null} form */
  async #begin(form) {
    if (form && this.hasAttribute('unchosen') && (await taken(form))) location.reload();
    else this.hidden = false;
  }
}

customElements.define('local-zone', LocalZone);
