// What hands do to a board: three parts that come together, once the board stands, so they are one file to load.

import Buttons from "./BoardButtons.svelte";
import Menu from "./BoardMenu.svelte";
import Tools from "./BoardTools.svelte";

export { Buttons, Menu, Tools };
