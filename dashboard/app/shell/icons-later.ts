// Icons of screens that come when they are wanted: here, so that the first page does not load them. `<Icon svg={later.close} />`.

import add from "lucide-static/icons/plus.svg?raw";
import back from "lucide-static/icons/arrow-left.svg?raw";
import close from "lucide-static/icons/x.svg?raw";
import download from "lucide-static/icons/download.svg?raw";
import edit from "lucide-static/icons/pencil.svg?raw";
import failed from "lucide-static/icons/circle-x.svg?raw";
import filter from "lucide-static/icons/funnel.svg?raw";
import notReached from "lucide-static/icons/circle-dashed.svg?raw";
import opens from "lucide-static/icons/chevron-right.svg?raw";
import remove from "lucide-static/icons/trash-2.svg?raw";
import replay from "lucide-static/icons/rotate-ccw.svg?raw";
import upward from "lucide-static/icons/arrow-up.svg?raw";

export const later = { add, back, close, download, edit, failed, filter, notReached, opens, remove, replay, upward };
