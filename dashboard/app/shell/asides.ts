// What is opened over a screen by a key, and seldom: one file to load.

import Keys from "./Keys.svelte";
import Palette from "./Palette.svelte";

export { Keys, Palette };
