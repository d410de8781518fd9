// Sounds, made of a few tones each. A browser that has seen no click may refuse to play: then the page says that sound is off and one
// click turns it on. Nothing here decides when: who plays knows that something happened just now, and not in history.

import type { Sound } from "../../fold/sounds.ts";

interface Tone {
  /** Seconds after the start. */
  at: number;
  hz: number;
  seconds: number;
  shape: OscillatorType;
  loud: number;
}

/** Quiet enough for a room, and none longer than a breath. */
const TONES: Record<Sound, readonly Tone[]> = {
  bell: [
    { at: 0, hz: 880, seconds: 1.3, shape: "sine", loud: 0.22 },
    { at: 0, hz: 2_217, seconds: 0.7, shape: "sine", loud: 0.07 },
  ],
  chime: [523, 659, 784, 1_047].map((hz, index) => ({ at: index * 0.12, hz, seconds: 0.7, shape: "sine", loud: 0.16 })),
  coin: [
    { at: 0, hz: 988, seconds: 0.09, shape: "square", loud: 0.06 },
    { at: 0.09, hz: 1_319, seconds: 0.5, shape: "square", loud: 0.06 },
  ],
  knock: [0, 0.17].map((at) => ({ at, hz: 150, seconds: 0.12, shape: "triangle", loud: 0.5 })),
  alarm: [0, 0.36, 0.72].flatMap((at) => [
    { at, hz: 740, seconds: 0.16, shape: "triangle", loud: 0.25 },
    { at: at + 0.17, hz: 988, seconds: 0.16, shape: "triangle", loud: 0.25 },
  ]),
};

/** A hundred donations at once are one sound. */
const APART_MS = 500;

class Speaker {
  /** The browser wants a click first. */
  isOff = $state(false);
  #context: AudioContext | null = null;
  #lastAt = new Map<Sound, number>();

  /** Called by what may sound one day, so that whoever sets the wall up sees that it could not. */
  prepare(): void {
    if (this.#context || !("AudioContext" in globalThis)) return;
    const context = new AudioContext();
    this.#context = context;
    const look = () => (this.isOff = context.state !== "running");
    context.addEventListener("statechange", look);
    look();
    // Any press on the page will do.
    const press = () => void this.turnOn();
    addEventListener("pointerdown", press, { once: true });
    addEventListener("keydown", press, { once: true });
  }

  async turnOn(): Promise<void> {
    await this.#context?.resume().catch(() => undefined);
  }

  play(sound: Sound): void {
    this.prepare();
    const context = this.#context;
    const now = performance.now();
    if (!context || context.state !== "running" || now - (this.#lastAt.get(sound) ?? -Infinity) < APART_MS) return;
    this.#lastAt.set(sound, now);
    for (const tone of TONES[sound]) ring(context, tone);
  }
}

function ring(context: AudioContext, { at, hz, seconds, shape, loud }: Tone): void {
  const [start, end] = [context.currentTime + at, context.currentTime + at + seconds];
  const [source, volume] = [context.createOscillator(), context.createGain()];
  source.type = shape;
  source.frequency.value = hz;
  // A tone that begins or ends at full strength clicks.
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.exponentialRampToValueAtTime(loud, start + 0.012);
  volume.gain.exponentialRampToValueAtTime(0.0001, end);
  source.connect(volume).connect(context.destination);
  source.start(start);
  source.stop(end + 0.05);
}

export const speaker = new Speaker();
