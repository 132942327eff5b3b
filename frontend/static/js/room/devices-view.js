/** The lists of devices, before the call and in the sheet during it. Part of the view: it touches the page. */

/** @typedef {import('./media.js').Choice} Choice */
/** @typedef {import('./media.js').Device | 'speaker'} Listed */

export class DevicesView {
  /** @param {HTMLElement} room @param {(device: Listed, id: string) => void} choose */
  constructor(room, choose) {
    this.room = room;
    for (const select of this.#lists('')) {
      select.addEventListener('change', () => choose(/** @type {Listed} */ (select.dataset.choose), select.value));
    }
  }

  /** During a call a list of one is no list. @param {Listed} device @param {Choice[]} choices @param {string | undefined} chosen */
  show(device, choices, chosen) {
    for (const select of this.#lists(device)) {
      const label = /** @type {HTMLElement} */ (select.closest('label'));
      label.hidden = choices.length < (select.closest('#more') ? 2 : 1);
      if (isSame(select, choices)) select.value = chosen ?? select.value; // an open list must not be taken away
      else select.replaceChildren(...choices.map(({ id, label }) => new Option(label, id, false, id === chosen)));
    }
  }

  /** @param {string} device nothing for all @returns {HTMLSelectElement[]} */
  #lists(device) {
    const found = this.room.querySelectorAll(device === '' ? '[data-choose]' : `[data-choose="${device}"]`);
    return [...found].filter((select) => select instanceof HTMLSelectElement);
  }
}

/** @param {HTMLSelectElement} select @param {Choice[]} choices */
function isSame(select, choices) {
  return select.options.length === choices.length && choices.every(({ id }, at) => select.options[at]?.value === id);
}
