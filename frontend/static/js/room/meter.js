/** How loud one track is. */
export class Meter {
  /** @param {MediaStreamTrack} track */
  constructor(track) {
    this.track = track;
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(new MediaStream([track])).connect(this.analyser);
  }

  /** Root mean square on a scale of 60 dB, where a voice moves the bar as an ear would say. */
  level() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    return power === 0 ? 0 : Math.min(1, Math.max(0, 1 + (10 * Math.log10(power)) / 60));
  }

  close() {
    void this.context.close();
  }
}
