/**
 * <sound-and-picture> asks in place what its forms would ask page by page: one [data-step] at a time, "ask", then that of
 * the answer, then "thanks". Where a click does not arrive, [data-step="missed"] says so beside the question.
 */

class SoundAndPicture extends HTMLElement {
  connectedCallback() {
    this.addEventListener('submit', this.#submitted);
  }

  disconnectedCallback() {
    this.removeEventListener('submit', this.#submitted);
  }

  /** @param {SubmitEvent} event */
  #submitted = (event) => {
    event.preventDefault();
    void this.#say(/** @type {HTMLFormElement} */ (event.target), event.submitter);
  };

  /** @param {HTMLFormElement} form @param {HTMLElement | null} button */
  async #say(form, button) {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form, button)) body.set(name, String(value));
    const headers = { Accept: 'application/json' };
    const answer = await fetch(form.action, { method: 'POST', headers, body, redirect: 'manual', keepalive: true }).catch(() => null);
    const missed = this.querySelector('[data-step="missed"]');
    missed?.toggleAttribute('hidden', answer?.ok ?? false);
    if (answer?.ok) this.#show(body.has('part') || body.get('answer') === 'good' ? 'thanks' : (body.get('answer') ?? 'thanks'));
  }

  /** @param {string} step */
  #show(step) {
    for (const each of this.querySelectorAll('[data-step]')) each.toggleAttribute('hidden', each.getAttribute('data-step') !== step);
    const shown = this.querySelector(`[data-step="${step}"]`);
    const place = shown?.querySelector('[tabindex]') ?? shown;
    if (place instanceof HTMLElement) place.focus();
  }
}

customElements.define('sound-and-picture', SoundAndPicture);
