// Icons of what comes after the board: its strip of time, its menu, the editor. `<Icon svg={desk.undo} />`.

import add from "lucide-static/icons/plus.svg?raw";
import back from "lucide-static/icons/arrow-left.svg?raw";
import close from "lucide-static/icons/x.svg?raw";
import down from "lucide-static/icons/chevron-down.svg?raw";
import duplicate from "lucide-static/icons/copy-plus.svg?raw";
import edit from "lucide-static/icons/pencil.svg?raw";
import pause from "lucide-static/icons/pause.svg?raw";
import pick from "lucide-static/icons/crosshair.svg?raw";
import play from "lucide-static/icons/play.svg?raw";
import redo from "lucide-static/icons/redo-2.svg?raw";
import remove from "lucide-static/icons/trash-2.svg?raw";
import save from "lucide-static/icons/save.svg?raw";
import share from "lucide-static/icons/share-2.svg?raw";
import tidy from "lucide-static/icons/align-vertical-space-around.svg?raw";
import undo from "lucide-static/icons/undo-2.svg?raw";
import up from "lucide-static/icons/chevron-up.svg?raw";

export const desk = { add, back, close, down, duplicate, edit, pause, pick, play, redo, remove, save, share, tidy, undo, up };
