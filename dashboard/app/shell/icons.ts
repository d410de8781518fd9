// The icons in use, from lucide (ISC): a row each. Their text is ours at build time, never a payload.

import board from "lucide-static/icons/layout-dashboard.svg?raw";
import connections from "lucide-static/icons/cable.svg?raw";
import events from "lucide-static/icons/list.svg?raw";
import health from "lucide-static/icons/heart-pulse.svg?raw";
import search from "lucide-static/icons/search.svg?raw";
import sources from "lucide-static/icons/webhook.svg?raw";
import topics from "lucide-static/icons/list-tree.svg?raw";
import ban from "lucide-static/icons/ban.svg?raw";
import check from "lucide-static/icons/circle-check.svg?raw";
import copy from "lucide-static/icons/copy.svg?raw";
import heart from "lucide-static/icons/heart.svg?raw";
import key from "lucide-static/icons/key-round.svg?raw";
import kiosk from "lucide-static/icons/maximize.svg?raw";
import live from "lucide-static/icons/radio.svg?raw";
import offline from "lucide-static/icons/wifi-off.svg?raw";
import auto from "lucide-static/icons/sun-moon.svg?raw";
import moon from "lucide-static/icons/moon.svg?raw";
import plug from "lucide-static/icons/unplug.svg?raw";
import refresh from "lucide-static/icons/refresh-cw.svg?raw";
import send from "lucide-static/icons/zap.svg?raw";
import signedOut from "lucide-static/icons/log-out.svg?raw";
import sun from "lucide-static/icons/sun.svg?raw";
import table from "lucide-static/icons/table-2.svg?raw";
import busy from "lucide-static/icons/circle-ellipsis.svg?raw";
import bell from "lucide-static/icons/bell-ring.svg?raw";
import info from "lucide-static/icons/info.svg?raw";
import notify from "lucide-static/icons/bell-plus.svg?raw";
import trophy from "lucide-static/icons/trophy.svg?raw";
import siren from "lucide-static/icons/siren.svg?raw";
import soundOff from "lucide-static/icons/volume-x.svg?raw";
import warning from "lucide-static/icons/triangle-alert.svg?raw";
import catchingUp from "lucide-static/icons/loader-circle.svg?raw";

export const ICONS = {
  bell, info, notify, siren, soundOff, trophy,
  auto, ban, board, busy, catchingUp, check, connections, copy, events, health, heart, key, kiosk, live, moon, offline, plug, refresh, search, send,
  signedOut, sources, sun, table, topics, warning,
};

export type IconName = keyof typeof ICONS;

const parser = new DOMParser();

/** A fresh element, built without `innerHTML`; `svg` is what an icon draws, ours at build time (see vite.config.ts). */
export function drawIcon(svg: string): Node {
  const whole = `<!-- @license lucide-static - ISC --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${svg}</svg>`;
  const drawn = parser.parseFromString(whole, "image/svg+xml").documentElement;
  drawn.setAttribute("aria-hidden", "true");
  return document.importNode(drawn, true);
}
