/** The page of the check: the only file here that touches the DOM. Every text stands in the template. */
import { part } from '../room/tiles.js';

/** @typedef {import('../room/media.js').Choice} Choice */
/** @typedef {import('../room/media.js').Device} Device */
/** @typedef {import('../room/media.js').Trouble} Trouble */
/** @typedef {import('./verdict.js').Run} Run */
/** @typedef {'idle' | 'connecting' | 'queue' | 'measuring' | 'done' | 'closed'} Step */
/**
 * @typedef {{openBoth(): void, openVoice(): void, choose(device: Device, id: string): void, mute(): void, camera(): void,
 *   speaker(id: string): void, tone(): void, measure(): void, listen(): void}} Deeds
 */

export class View {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
  }

  /** @param {Deeds} deeds */
  listen(deeds) {
    this.#click('#open-both, #retry-devices', deeds.openBoth);
    this.#click('#open-voice', deeds.openVoice);
    this.#click('#before-mute', deeds.mute);
    this.#click('#before-camera', deeds.camera);
    this.#click('#tone', deeds.tone);
    this.#click('#measure', deeds.measure);
    this.#click('#listen', deeds.listen);
    for (const device of /** @type {const} */ (['microphone', 'camera'])) {
      this.#select(device).addEventListener('change', ({ target }) => deeds.choose(device, /** @type {HTMLSelectElement} */ (target).value));
    }
    this.#select('speaker').addEventListener('change', ({ target }) => deeds.speaker(/** @type {HTMLSelectElement} */ (target).value));
  }

  // — what Preparation shows —

  /** @param {'asking' | 'ready'} step */
  before(step) {
    part(this.page, '#before').dataset.step = step;
    part(this.page, '#line').hidden = step === 'asking';
  }

  /** @param {boolean} busy */
  asking(busy) {
    for (const id of ['#open-both', '#open-voice', '#retry-devices']) part(this.page, id).toggleAttribute('disabled', busy);
  }

  /** @param {Trouble[]} troubles */
  troubles(troubles) {
    const place = part(this.page, '#device-troubles');
    place.replaceChildren(
      ...troubles.map(({ device, cause }) => {
        const sentence = document.createElement('p');
        sentence.textContent = this.sentence(`${device}-${cause}`);
        return sentence;
      }),
    );
    place.hidden = troubles.length === 0;
    part(this.page, '#retry-devices').hidden = troubles.every(({ cause }) => cause === 'unsupported');
  }

  /** @param {Device | 'speaker'} device @param {Choice[]} choices @param {string | undefined} chosen */
  choices(device, choices, chosen) {
    this.#select(device).replaceChildren(...choices.map(({ id, label }) => new Option(label, id, false, id === chosen)));
    part(this.page, `#${device}-field`).hidden = choices.length === 0;
  }

  /** @param {{microphone: boolean, camera: boolean}} state @param {MediaStreamTrack | null} camera @param {boolean} hasMicrophone */
  own(state, camera, hasMicrophone) {
    const video = /** @type {HTMLVideoElement} */ (part(this.page, '#preview-video'));
    const shown = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0] : undefined;
    if (shown !== (camera ?? undefined)) video.srcObject = camera && new MediaStream([camera]);
    part(this.page, '#preview').dataset.camera = camera ? 'on' : 'off';
    part(this.page, '#before-mute').setAttribute('aria-pressed', String(!state.microphone));
    part(this.page, '#before-camera').setAttribute('aria-pressed', String(camera === null));
    part(this.page, '.room-level').hidden = !hasMicrophone;
    part(this.page, '#listen').hidden = !hasMicrophone;
  }

  /** @param {number} level 0 to 1 */
  level(level) {
    const bar = part(this.page, '#level');
    bar.style.setProperty('--level', level.toFixed(3));
    bar.setAttribute('aria-valuenow', String(Math.round(level * 100)));
  }

  /** @param {string} key */
  say(key) {
    part(this.page, '#status').textContent = this.sentence(key);
  }

  // — the line —

  /** @param {Step} step */
  line(step) {
    const place = part(this.page, '#line');
    place.dataset.step = step;
    for (const id of ['#measure', '#listen']) part(this.page, id).toggleAttribute('disabled', ['connecting', 'queue', 'measuring'].includes(step));
    part(this.page, '#line-words').textContent = step === 'idle' ? '' : this.sentence(`line-${step}`);
    if (step !== 'done') part(this.page, '#results').replaceChildren();
  }

  /** @param {string} level @param {string} direct @param {{run: Run, level: string}[]} runs */
  result(level, direct, runs) {
    this.line('done');
    part(this.page, '#line-words').textContent = this.sentence(`verdict-${level}`);
    const lines = runs.map(({ run, level: each }) => this.#way(run, each));
    if (direct !== 'unknown') lines.push(this.#item('direct', this.sentence(`direct-${direct}`)));
    part(this.page, '#results').replaceChildren(...lines);
  }

  /** @param {boolean} listening */
  hearing(listening) {
    part(this.page, '#listen').dataset.on = String(listening);
    part(this.page, '#hearing-words').hidden = !listening;
  }

  /** @param {string} key @returns {string} */
  sentence(key) {
    const sentences = part(this.page, '#sentences');
    return (sentences.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? part(sentences, '[data-key="error"]')).textContent ?? '';
  }

  /** @param {Run} run @param {string} level */
  #way({ way, figures }, level) {
    if (figures === null || figures.roundTrip === null) return this.#item('none', `${this.sentence(`way-${way}`)}: ${this.sentence('way-none')}`);
    const words = this.sentence('figures')
      .replace('{milliseconds}', String(Math.round(figures.roundTrip)))
      .replace('{loss}', figures.loss < 0.005 ? this.sentence('loss-none') : `${(100 * figures.loss).toFixed(0)} % `);
    return this.#item(level, `${this.sentence(`way-${way}`)}: ${words}`);
  }

  /** @param {string} level @param {string} words */
  #item(level, words) {
    const item = document.createElement('li');
    item.dataset.level = level;
    item.textContent = words;
    return item;
  }

  /** @param {string} selector @param {() => void} act */
  #click(selector, act) {
    for (const found of this.page.querySelectorAll(selector)) found.addEventListener('click', () => act());
  }

  /** @param {Device | 'speaker'} device */
  #select(device) {
    return /** @type {HTMLSelectElement} */ (part(this.page, `#${device}-choice`));
  }
}
