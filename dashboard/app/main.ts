// The page's entry: the theme before the first paint, then the shell.

import { mount } from "svelte";
import "./theme.css";
import App from "./shell/App.svelte";
import { reloadOnNewBuild } from "./shell/reload.ts";

reloadOnNewBuild();

const target = document.getElementById("app");
if (target) mount(App, { target });
