const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/LineWidget-ClJekV5f.js","assets/disclose-version-BAqXgilW.js","assets/colours-Bmjyi9es.js","assets/LineWidget-BSR6LD3n.css","assets/FeedWidget-C3OOnt-f.js","assets/FeedWidget-DlFa82es.css","assets/BarWidget-B79MpYCg.js","assets/BarWidget-CatPdtw4.css","assets/TableWidget-BYR0_jY5.js","assets/TableWidget-CDEgg9V9.css","assets/GaugeWidget-yAFpESZZ.js","assets/GaugeWidget-DKpM4hHW.css","assets/StatusWidget-B_cPelP0.js","assets/StatusWidget-B4Fs6aj1.css","assets/HeatmapWidget-CnXaJFuP.js","assets/HeatmapWidget-B9DAN3u5.css","assets/AlertWidget-GCfZQxGp.js","assets/AlertWidget-DM3sG4jW.css","assets/TextWidget-D0JJXT8S.js","assets/TextWidget-Cm_U3SZa.css","assets/ClockWidget-BIUVzpZZ.js","assets/ClockWidget-C2nQkdhG.css","assets/EventsScreen-BnFt952o.js","assets/ScreenHeader-BROrcC7o.js","assets/ScreenHeader-CVoK2Sse.css","assets/SourcesScreen-D9nFTGFJ.js","assets/TopicsScreen-BRg2UMR9.js","assets/ConnectionsScreen-CPSFqZ3F.js","assets/HealthScreen-pTczznGE.js"])))=>i.map(i=>d[i]);
import{A as e,B as t,C as n,D as r,E as i,F as a,H as o,I as s,K as c,L as l,M as u,N as d,O as f,P as p,R as m,S as h,T as g,U as _,V as v,W as y,_ as b,a as x,b as S,c as C,f as w,g as T,h as E,i as D,j as O,k,l as ee,m as A,n as j,o as M,s as te,t as ne,u as re,v as ie,w as N,x as P,y as F,z as I}from"./disclose-version-BAqXgilW.js";import{n as L,r as R,t as z}from"./keyed-CON7DrhL.js";import{a as ae,i as B,n as V,o as H,r as oe,t as se}from"./pointer-BcYcUKq0.js";var ce=500,le=2e4,ue=3e5;function de(e,t,n){let r=Math.min(le,ce*2**Math.min(e,16));return Math.round(Math.min(ue,n)+t*r)}function fe(e){return e>=4500&&e<=4999}function pe(e){return e!==null&&(e>=4e3||e===1001||e===1012||e===1013)}var U=class extends Error{code;closeCode;constructor(e,t,n=null){super(t),this.code=e,this.closeCode=n,this.name=`HookcastError`}},me=class extends Error{},he=1e3;async function*ge(e,t){let n=[],r=null,i=null,a=()=>void 0,o=e=>{let t=n.length>=he?n.shift():void 0;t&&(r=_e(r,t)),n.push(e),a()},s=e({event:o,gap:o,error(e){i=e,a()}}),c=()=>a();t?.addEventListener(`abort`,c);try{for(;!t?.aborted;){let e=r??n.shift();if(r=null,e)yield e;else if(i)throw i;else await new Promise(e=>a=e)}}finally{t?.removeEventListener(`abort`,c),s()}}function _e(e,t){let n=`offset`in t?t.offset:t.from,r=`offset`in t?t.offset:t.to;return{stream:t.stream,from:e?e.from:n,to:r,reason:`client`}}function ve(e){let t=De(e);switch(t.type){case`welcome`:return{type:`welcome`,heartbeatMs:ke(t.heartbeat_ms)??25e3,build:W(t.build)??``,time:Ae(t.time),expires:Ae(t.expires)};case`subscribed`:case`live`:return we(t.type,t);case`events`:return Array.isArray(t.events)?{type:`events`,id:W(t.id),events:t.events.flatMap(Ee)}:null;case`gap`:return Te(t);case`positions`:return{type:`positions`,positions:je(t.positions),time:Ae(t.time)};case`unsubscribed`:return{type:`unsubscribed`,id:W(t.id)??``,code:W(t.code)};case`error`:return{type:`error`,id:W(t.id),code:W(t.code)??`unknown`,message:W(t.message)??``};case`pong`:return{type:`pong`};default:return null}}function ye(e){return JSON.stringify({type:`auth`,token:e})}function be(e,t,n,r){let i=typeof n==`object`&&`ageMs`in n?{age_ms:n.ageMs}:n;return JSON.stringify({type:`subscribe`,id:e,pattern:t,since:i,mode:r===void 0?void 0:{latest_ms:r}})}function xe(e){return JSON.stringify({type:`unsubscribe`,id:e})}function Se(){return JSON.stringify({type:`ping`})}function Ce(e){return Math.max(0,ke(De(e).retry_ms)??0)}function we(e,t){let n=W(t.id),r=W(t.position);return n===null||r===null?null:{type:e,id:n,position:r}}function Te(e){let t=W(e.stream);return t===null?null:{type:`gap`,id:W(e.id),stream:t,reason:W(e.reason)??`epoch`,from:ke(e.from),to:ke(e.to),position:W(e.position)}}function Ee(e){if(!Oe(e))return[];let t=ke(e.offset),n=W(e.topic),r=e.event;return t===null||n===null||!Oe(r)?[]:[{offset:t,topic:n,event:r,skipped:ke(e.skipped)}]}function De(e){if(typeof e!=`string`)return Oe(e)?e:{};try{let t=JSON.parse(e);return Oe(t)?t:{}}catch{return{}}}function Oe(e){return typeof e==`object`&&!!e&&!Array.isArray(e)}function W(e){return typeof e==`string`?e:null}function ke(e){return Number.isSafeInteger(e)?e:null}function Ae(e){let t=typeof e==`string`?Date.parse(e):NaN;return Number.isNaN(t)?null:t}function je(e){let t=Oe(e)?Object.entries(e):[];return new Map(t.filter(e=>typeof e[1]==`string`))}var Me=5e3,Ne=1e4,Pe=2e3,Fe={1006:`no connection to the gateway: does it run, and does it list this page's origin? (1006)`,4e3:`the token has ended (4000)`,4501:`the gateway does not take this token (4501)`};function Ie(e,t){return new URL(e.replace(/^ws/,`http`).replace(/[^/]*$/,t))}function Le(e){return fetch(Ie(e,`livez`),{mode:`no-cors`,signal:AbortSignal.timeout(Pe)}).then(()=>!0,()=>!1)}function Re(e){return(t,n)=>{let r=new e(t,`hookcast.v1`);return r.onopen=()=>n.open(),r.onmessage=({data:e})=>typeof e==`string`&&n.frame(e),r.onclose=({code:e,reason:t})=>n.end(e,t),r.onerror=()=>void 0,{send:e=>r.readyState===1&&r.send(e),close:()=>r.close(1e3)}}}var ze=class{events;isWelcome=!1;#e;#t;#n=Me;#r=!1;constructor(e,t,n,r){this.events=r,this.#a(Me,`no welcome from the gateway within 5 s`);try{this.#e=e(t,{open:()=>{this.#r||(n!==null&&this.send(ye(n)),r.open().forEach(e=>this.send(e)))},frame:e=>this.#i(e),end:(e,t)=>this.#o(new U(`closed`,Fe[e]??`the gateway closed the connection (${e})`,e),t)})}catch(e){throw clearTimeout(this.#t),e}}send(e){this.#e.send(e)}expectWithin(e){this.#a(e,`no answer within ${e/1e3} s`)}drop(){this.#r=!0,clearTimeout(this.#t),this.#e.close()}#i(e){if(this.#r)return;let t=ve(e);t?.type===`welcome`&&(this.isWelcome=!0,this.#n=t.heartbeatMs+Ne),this.isWelcome&&this.#a(this.#n,`the gateway fell silent`),t&&this.events.message(t)}#a(e,t){clearTimeout(this.#t),this.#t=setTimeout(()=>this.#o(new U(`timeout`,t),``),e)}#o(e,t){this.#r||(this.drop(),this.events.end(e,t))}};function Be(e){let t=e.indexOf(`/`);return t<0?e:e.slice(0,t)}function Ve(e,t){let n=e.split(`/`),r=t.split(`/`);for(let[e,t]of n.entries()){if(t===`**`&&e===n.length-1)return r.length>e;if(e>=r.length||t!==`*`&&t!==r[e])return!1}return n.length===r.length}function He(e){try{e()}catch(e){queueMicrotask(()=>{throw e})}}var Ue=4096,We=class{id;pattern;listener;since;latestMs;stream;phase=`asked`;pace;refusals=0;#e=null;#t=0;#n=new Set;#r=0;constructor(e,t,n,r,i){this.id=e,this.pattern=t,this.listener=n,this.since=r,this.latestMs=i,this.stream=Be(t)}get position(){return this.#e===null?null:`${this.#e}:${this.#t}`}get offset(){return this.#t}get resumesFrom(){let e=this.position;return e===null?this.since:{position:e}}begins(e){this.phase=`catching`,this.refusals=0,this.moves(e)}goesLive(e){this.moves(e),this.phase=`live`}hasAllTo(e){this.phase===`live`&&e.startsWith(`${this.#e}:`)&&this.moves(e)}moves(e){let t=e.lastIndexOf(`:`),n=e.slice(0,t),r=Number(e.slice(t+1));t<1||!Number.isSafeInteger(r)||(this.#t=n===this.#e?Math.max(this.#t,r):r,this.#e=n)}takes(e,t){for(let n of e){if(!(t||this.phase===`live`&&this.latestMs===void 0&&Ve(this.pattern,n.topic))||n.offset<=this.#t||this.phase===`ended`||(this.#t=n.offset,this.#i(n.event)))continue;let e=t&&this.phase!==`live`,{topic:r,offset:i,event:a,skipped:o}=n;He(()=>this.listener.event({topic:r,stream:this.stream,offset:i,event:a,replayed:e,skipped:o}))}}misses(e,t){e.reason===`epoch`&&(this.#r=Ue),t!==null&&this.moves(t),He(()=>this.listener.gap?.(e))}losesPlace(){this.#e=null,this.#t=0,this.since=`now`,this.misses({stream:this.stream,from:null,to:null,reason:`epoch`},null)}#i(e){let t=JSON.stringify([e.source,e.id]),n=this.#r>0&&this.#n.has(t);if(this.#r>0&&--this.#r,this.#n.delete(t),this.#n.add(t),this.#n.size>Ue)for(let e of this.#n){this.#n.delete(e);break}return n}},Ge=class{#e=new Map;after(e,t,n){this.clear(e),this.#e.set(e,setTimeout(()=>{this.#e.delete(e),n()},t))}clear(e){clearTimeout(this.#e.get(e)),this.#e.delete(e)}clearAll(){for(let e of[...this.#e.keys()])this.clear(e)}},Ke=5e3;function qe(){let{document:e}=globalThis,t=Date.now();return{hiddenMs:()=>e?.visibilityState===`hidden`?Date.now()-t:null,listen(n){let r=new AbortController,i=(e,t,i)=>e?.addEventListener?.(t,()=>n(i()),{signal:r.signal});for(let e of[`pageshow`,`focus`])i(globalThis,e,()=>`wake`);i(globalThis,`online`,()=>`online`),i(globalThis,`offline`,()=>`offline`),i(globalThis,`pagehide`,()=>`leave`),i(e,`resume`,()=>`wake`),i(e,`visibilitychange`,()=>(t=Date.now(),e.visibilityState===`hidden`?`hide`:`wake`));let a=Date.now(),o=setInterval(()=>{Date.now()-a>3*Ke&&n(`wake`),a=Date.now()},Ke);return t=a,()=>{r.abort(),clearInterval(o)}}}}var Je=(function(){let e=typeof document<`u`&&document.createElement(`link`).relList;return e&&e.supports&&e.supports(`modulepreload`)?`modulepreload`:`preload`})(),Ye=function(e){return`/`+e},Xe={},Ze=function(e){return e.pathname.endsWith(`.css`)},Qe=function(e,t,n){if(t in e)return e[t];let r=n();if(!r){e[t]=void 0;return}let i=r.then(()=>{e[t]=void 0},n=>{throw e[t]=void 0,n});return e[t]=i,i},G=function(e,t,n){let r=Promise.resolve();if(t&&t.length>0){let e,i=document.querySelector(`meta[property=csp-nonce]`),a=i?.nonce||i?.getAttribute(`nonce`);function o(e){return Promise.all(e.map(e=>Promise.resolve(e).then(e=>({status:`fulfilled`,value:e}),e=>({status:`rejected`,reason:e}))))}function s(e){return import.meta.resolve?new URL(import.meta.resolve(e)):new URL(e,import.meta.url)}r=o(t.map(t=>{t=Ye(t,n);let r=s(t),i=Ze(r);return Qe(Xe,r.href,()=>{if(e===void 0){e={all:new Set,styles:new Set};let t=document.getElementsByTagName(`link`);for(let n=t.length-1;n>=0;n--){let r=t[n];e.all.add(r.href),r.rel===`stylesheet`&&e.styles.add(r.href)}}if((i?e.styles:e.all).has(r.href))return;let t=document.createElement(`link`);if(t.rel=i?`stylesheet`:Je,i||(t.as=`script`),t.crossOrigin=``,t.href=r.href,a&&t.setAttribute(`nonce`,a),document.head.appendChild(t),i)return new Promise((e,n)=>{let i=a=>{t.removeEventListener(`load`,i),t.removeEventListener(`error`,i),a.type===`error`?n(Error(`Unable to preload CSS for ${r}`)):e(a)};t.addEventListener(`load`,i),t.addEventListener(`error`,i)})})}).filter(e=>e!==void 0))}function i(e){let t=new Event(`vite:preloadError`,{cancelable:!0});if(t.payload=e,window.dispatchEvent(t),!t.defaultPrevented)throw e}return r.then(t=>{for(let e of t||[])e.status===`rejected`&&i(e.reason);return e().catch(i)})},$e=1e4,et=1e4,tt=2e3,nt=2e4,rt=5e3,it=3e4,at=2e3,ot=.8,st=1e3,ct=2,lt=new Set([`unavailable`,`rate_limited`]),ut=class{options;host;#e={is:`idle`};#t=new Set;#n=new Map;#r=1;#i=null;#a=`ws`;#o=0;#s=0;#c=``;#l=0;#u=new Ge;#d=null;#f=!1;#p=[];#m=null;#h=null;constructor(e,t=qe()){this.options=e,this.host=t}get state(){return this.#e}onState(e){let t=t=>e(t);return this.#t.add(t),()=>void this.#t.delete(t)}subscribe(e,t,n={}){let r=String(this.#r++),i=new We(r,e,t,n.since??`now`,n.latestMs);return this.#n.set(r,i),this.#u.clear(`linger`),this.#e.is===`idle`?this.#_():this.#R(i),this.#V(),()=>this.#g(i)}events(e,t={}){return ge(n=>{let r=this.subscribe(e,n,t),i=this.onState(e=>e.is===`closed`&&e.cause&&n.error?.(e.cause));return()=>(i(),r())},t.signal)}positions(){let e=new Map;for(let t of this.#n.values()){let n=e.get(t.stream);t.position!==null&&(!n||t.offset<n.offset)&&e.set(t.stream,t)}return Object.fromEntries([...e].map(([e,{position:t}])=>[e,t??``]))}now(){return this.#h===null?Date.now():Math.round(performance.now()+this.#h)}open(){this.#e.is===`closed`&&(this.#o=this.#s=0,this.#n.size>0?this.#_():this.#U({is:`idle`}))}close(){this.#E({is:`closed`})}#g(e){this.#n.delete(e.id)&&(this.#u.clear(`ask ${e.id}`),e.phase!==`ended`&&this.#i?.send(xe(e.id)),e.phase=`ended`,this.#V(),this.#n.size===0&&this.#e.is!==`closed`&&this.#u.after(`linger`,rt,()=>this.#E({is:`idle`})))}#_(){if(this.#u.clear(`retry`),this.#d??=this.host.listen(e=>this.#D(e)),this.options.whenHidden!==`keep`&&(this.host.hiddenMs()??0)>it)return this.#T(`hidden`);let e=++this.#l;this.#U({is:`connecting`,attempt:this.#o}),this.#u.after(`dial`,et,()=>this.#S(new U(`timeout`,`url or token did not come within 10 s`),``)),this.#v().then(t=>e===this.#l&&this.#b(...t),t=>e===this.#l&&this.#x(t))}async#v(){let{url:e,getToken:t}=this.options,n=new URL(typeof e==`string`?e:await e(),globalThis.location?.href);return n.protocol=n.protocol.replace(`http`,`ws`),n.pathname===`/`&&(n.pathname=`/ws`),[n,await t?.(`connect`)??null,await this.#y(n)]}async#y(e){let{transport:t,shared:n,WebSocket:r}=this.options;if(this.#c=e.href,t===`sse`||this.#s>=ct){let{overSse:e}=await G(async()=>{let{overSse:e}=await import(`./sse-B3i1QBYE.js`);return{overSse:e}},[]);return this.#a=`sse`,e}return this.#a=`ws`,n&&typeof SharedWorker==`function`?(await G(async()=>{let{overShared:e}=await import(`./shared-DelXEUwm.js`);return{overShared:e}},[])).overShared(n):Re(r??WebSocket)}#b(e,t,n){this.#u.clear(`dial`);for(let e of this.#n.values())e.phase!==`ended`&&(e.phase=`asked`);try{this.#i=new ze(n,e.href,t,{open:()=>[...this.#n.values()].filter(e=>e.phase!==`ended`).map(e=>this.#z(e)),message:e=>this.#j(e),end:(e,t)=>this.#S(e,t)})}catch(e){this.#x(e)}}#x(e){e instanceof me?this.#E({is:`closed`,cause:new U(`token`,String(e))}):e instanceof ReferenceError?this.#E({is:`closed`,cause:new U(`network`,String(e))}):this.#S(new U(`network`,String(e)),``)}#S(e,t){if(this.#i&&!this.#i.isWelcome&&!pe(e.closeCode)&&this.#C(),this.#w(),e.closeCode!==null&&fe(e.closeCode))return this.#E({is:`closed`,cause:e});let n=this.#f?nt:de(this.#o,Math.random(),Ce(t));this.#o+=1,this.#U(this.#f?{is:`suspended`,why:`offline`}:{is:`waiting`,until:Date.now()+n,cause:e}),this.#u.after(`retry`,n,()=>this.#_())}#C(){this.options.transport!==`ws`&&this.#a!==`sse`&&Le(this.#c).then(e=>e&&(this.#s+=1))}#w(){this.#l+=1;for(let e of[`dial`,`stable`,`refresh`])this.#u.clear(e);this.#i?.drop(),this.#i=null,this.#p=[]}#T(e){this.#w(),this.#u.clear(`retry`),this.#U({is:`suspended`,why:e})}#E(e){this.#w(),this.#u.clearAll(),this.#d?.(),this.#d=null,this.#U(e)}#D(e){let{is:t}=this.#e;if(e===`hide`)return this.#O();if(this.#f=e===`offline`,e===`leave`)return this.#T(`hidden`);this.host.hiddenMs()===null&&this.#u.clear(`hidden`),e===`online`&&(this.#s=0),t===`live`?(this.#k(),this.#i?.send(Se()),this.#i?.expectWithin(tt)):e===`offline`?t===`waiting`&&this.#U({is:`suspended`,why:`offline`}):(t===`waiting`||t===`suspended`)&&this.#_()}#O(){this.#k(),this.options.whenHidden===`close`&&this.#u.after(`hidden`,it,()=>this.#T(`hidden`))}#k(){for(let e of this.#n.values())e.phase!==`ended`&&e.latestMs!==void 0&&e.pace!==this.#A(e)&&this.#R(e)}#A({latestMs:e}){let t=(this.options.whenHidden??`slow`)===`slow`&&this.host.hiddenMs()!==null;return e!==void 0&&t?Math.max(at,e):e}#j(e){switch(e.type){case`welcome`:this.#H(e.time),this.#M(e.expires);break;case`events`:for(let t of this.#F(e.id))t.takes(e.events,e.id!==null);break;case`gap`:{let{stream:t,from:n,to:r,reason:i,position:a}=e;for(let o of this.#F(e.id))(e.id!==null||o.phase===`live`&&o.stream===t)&&o.misses({stream:t,from:n,to:r,reason:i},a);break}case`positions`:this.#H(e.time),this.#I(e.positions);break;case`subscribed`:this.#n.get(e.id)?.begins(e.position);break;case`live`:{let t=this.#n.get(e.id);t?.goesLive(e.position),He(()=>t?.listener.ready?.(this.positions()));break}case`unsubscribed`:this.#L(e.id,e.code??`unsubscribed`,`the gateway ended this subscription`);break;case`error`:e.id!==null&&this.#L(e.id,e.code,e.message)}this.#V()}#M(e){this.#s=0,this.#e.is!==`live`&&(this.#u.after(`stable`,$e,()=>this.#o=0),this.#U({is:`live`,via:this.#a,catchingUp:this.#B(),stale:this.#p})),this.#m=e,this.#N()}#N(){let e=(this.#m??0)-this.now();e>0&&this.options.getToken&&this.#u.after(`refresh`,Math.max(st,e*ot),()=>void this.#P())}async#P(){let e=this.#l;this.#N();try{let t=await this.options.getToken?.(`refresh`);t&&e===this.#l&&this.#i?.send(ye(t))}catch(t){e===this.#l&&t instanceof me&&this.#x(t)}}#F(e){if(e===null)return[...this.#n.values()];let t=this.#n.get(e);return t?[t]:[]}#I(e){let t=new Set;for(let n of this.#n.values()){let r=e.get(n.stream);r===void 0?n.phase===`live`&&t.add(n.stream):n.hasAllTo(r)}this.#p=[...t]}#L(e,t,n){let r=this.#n.get(e);r&&r.phase!==`ended`&&(t===`bad_position`&&r.position!==null?(r.losesPlace(),this.#R(r)):lt.has(t)?(r.phase=`asked`,this.#u.after(`ask ${e}`,de(r.refusals++,Math.random(),500),()=>this.#R(r))):t!==`unknown_id`&&(r.phase=`ended`,He(()=>r.listener.error?.(new U(t,n)))))}#R(e){this.#i?.send(this.#z(e))}#z(e){return e.pace=this.#A(e),be(e.id,e.pattern,e.resumesFrom,e.pace)}#B(){return[...this.#n.values()].filter(({phase:e})=>e===`asked`||e===`catching`).length}#V(){this.#e.is===`live`&&this.#U({is:`live`,via:this.#a,catchingUp:this.#B(),stale:this.#p})}#H(e){e!==null&&(this.#h=e-performance.now())}#U(e){if(JSON.stringify(e)!==JSON.stringify(this.#e)){this.#e=e;for(let t of[...this.#t])He(()=>t(e))}}};function dt(e){return new ut(e)}var ft=8e3,pt=3e4;async function mt(e,t,n={}){let r=await bt(t,n,await e.token());if(r.ok)return r.status===204?null:r.json();let i=await r.json().catch(()=>null);throw r.status===401?new vt(St(i,r.status)):new ht(r.status,Ct(i,`code`)??``,St(i,r.status),i)}var ht=class extends Error{status;code;detail;body;constructor(e,t,n,r){super(n),this.status=e,this.code=t,this.detail=n,this.body=r}};async function gt(e,t){let n=await bt(`/api/v1/boards/${encodeURIComponent(e)}`,{method:`GET`},t);if(n.ok)return n.json();throw n.status===404?Error(`there is no board called “${e}”`):n.status===401||n.status===403?new vt:Error(await xt(n))}async function _t(e,t){let n=await bt(`/api/v1/sources/${encodeURIComponent(e)}/test`,{method:`POST`},t);if(!n.ok)throw Error(await xt(n));let r=await n.json();return typeof r==`object`&&r&&`outcome`in r?String(r.outcome):`accepted`}var vt=class extends me{},yt=class{given;key;#e;#t=0;constructor(e,t){this.given=e,this.key=t,this.#e=e}async token(){return performance.now()<this.#t?this.#e:this.renew()}async renew(){if(this.key===null)return this.#e;let e=performance.now(),t=await bt(`/api/v1/links/token`,{method:`POST`,body:JSON.stringify({key:this.key}),headers:{"content-type":`application/json`}},null);if(t.status===401)throw new vt(await xt(t));if(!t.ok)throw Error(await xt(t));let n=await t.json();if(typeof n!=`object`||!n||!(`token`in n)||typeof n.token!=`string`)throw Error(`the gateway sent no token`);let r=`expires_in_s`in n&&typeof n.expires_in_s==`number`?n.expires_in_s*1e3:0;return this.#t=e+r-pt,this.#e=n.token,this.#e}};function bt(e,t,n){let r=new Headers(t.headers);return n!==null&&r.set(`authorization`,`Bearer ${n}`),fetch(e,{...t,headers:r,signal:AbortSignal.timeout(ft)})}async function xt(e){return St(await e.json().catch(()=>null),e.status)}function St(e,t){return Ct(e,`detail`)??Ct(e,`title`)??`the gateway answered ${t}`}function Ct(e,t){let n=typeof e==`object`&&e?new Map(Object.entries(e)).get(t):null;return typeof n==`string`?n:null}function wt(e){let t=typeof e==`string`?/^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(e.trim()):null,n=t&&{ms:1,s:1e3,m:6e4,h:36e5,d:864e5}[t[2]??``];return t&&n?Number(t[1])*n:null}var K=class{name;mistakes;#e;constructor(e,t,n){this.name=t,this.mistakes=n,this.#e=new Map(typeof e==`object`&&e?Object.entries(e):[])}get(e){return this.#e.get(e)}names(){return[...this.#e.keys()]}mistake(e,t){let n=this.get(e);this.mistakes.push(`${this.name}: \`${e}\` should be ${t}${n===void 0?``:`, not ${Tt(n)}`}`)}text(e,t){let n=this.get(e)??t;return typeof n==`string`?n:(this.mistake(e,`text`),t)}number(e,t){let n=this.get(e)??t;return typeof n==`number`&&Number.isFinite(n)?n:(this.mistake(e,`a number`),t)}numberOr(e){return this.get(e)===void 0?null:this.number(e,0)}flag(e,t){let n=this.get(e)??t;return typeof n==`boolean`?n:(this.mistake(e,`true or false`),t)}count(e,t,n){let r=this.number(e,t);return Number.isInteger(r)&&r>=0&&r<=n?r:(this.mistake(e,`a whole number up to ${n}`),t)}duration(e){if(this.get(e)===void 0)return null;let t=wt(this.get(e));return(t===null||t<=0)&&this.mistake(e,`a duration such as "15m"`),t}choice(e,t,n){let r=this.get(e)??n,i=t.find(e=>e===r);return i===void 0&&this.mistake(e,`one of ${t.join(`, `)}`),i??n}list(e){let t=this.get(e)??[];return Array.isArray(t)?t:(this.mistake(e,`a list`),[])}pointer(e,t){let n=this.text(e,t);return n!==``&&!n.startsWith(`/`)&&this.mistake(e,`a pointer such as "/data/name"`),n}conditions(e){return this.list(e).flatMap(t=>{let[n,r,i]=Array.isArray(t)?t:[],a=se.find(e=>e===r);return typeof n==`string`&&a?[{pointer:n,operator:a,operand:i}]:(this.mistake(e,`conditions such as ["/data/test", "!=", true]`),[])})}};function Tt(e){let t=JSON.stringify(e)??String(e);return t.length>120?`${t.slice(0,119)}…`:t}var Et=[`bell`,`chime`,`coin`,`knock`,`alarm`];function Dt(e){let t=e.get(`sound`);if(t===void 0||t===!1)return null;if(t===!0)return`bell`;let n=Et.find(e=>e===t);return n||e.mistake(`sound`,`one of ${Et.join(`, `)}, or true for a bell`),n??null}var Ot=[`info`,`warn`,`alert`],kt=8,At=864e5,jt=60;function Mt(e){let t=e.list(`levels`);return t.length>kt&&e.mistake(`levels`,`at most ${kt} levels`),t.slice(0,kt).map((t,n)=>{let r=new K(t,`${e.name}, level ${n+1}`,e.mistakes),i={above:r.numberOr(`above`),below:r.numberOr(`below`),equals:r.numberOr(`equals`),forMs:Math.min(At,r.duration(`for`)??0),level:r.choice(`level`,Ot,`warn`),sound:Dt(r),notifies:r.flag(`notify`,!1)};i.above===null&&i.below===null&&i.equals===null&&r.mistake(`above`,"a number, or `below` or `equals` one");for(let t of r.names())[`above`,`below`,`equals`,`for`,`level`,`sound`,`notify`].includes(t)||e.mistakes.push(`${r.name}: \`${t.slice(0,80)}\` is no key of a level`);return i})}function Nt({above:e,below:t,equals:n},r,i){return r===null||e!==null&&!(r>e)||t!==null&&(i||!(r<t))?!1:n===null||!i&&r===n}function Pt(e,t,n,r,i){let a=Math.max(n,e.forMs/jt,1),o=null;for(let n=r;n>=r-e.forMs;n-=a){let r=t(n).map(t=>Nt(e,t,i));if(o=o===null?r:o.map((e,t)=>e&&r[t]===!0),!o.includes(!0))return!1}return!0}function Ft(e,t){let n=null;for(let[r,i]of e.entries())t[r]&&(!n||Ot.indexOf(i.level)>Ot.indexOf(n.level))&&(n=i);return n}var It={isArmed:!1,holding:[]};function Lt(e,t,n){if(!n)return{alarm:{isArmed:!1,holding:e.holding},fired:[]};if(!e.isArmed)return{alarm:{isArmed:!0,holding:t},fired:[]};let r=t.flatMap((t,n)=>t&&e.holding[n]!==!0?[n]:[]);return{alarm:{isArmed:!0,holding:t},fired:r}}var Rt=1e3,zt=256,Bt=1.02,Vt=Math.log(Bt),Ht=4e4;function Ut(e){return e===`distinct`?{is:`different`,seen:z.of()}:e===`p50`||e===`p95`?{is:`spread`,bins:z.of()}:null}function Wt(e,t,n){if(e.is===`different`)return e.seen.size>=1e3||e.seen.has(n)?e:{is:`different`,seen:e.seen.set(n,!0)};let{bins:r}=e,i=qt(t),a=r.has(i)||r.size<zt?i:Yt(r,i);return{is:`spread`,bins:r.set(a,(r.get(a)??0)+1)}}function Gt(e){let t=new Set;for(let n of e)if(n?.is===`different`){for(let[e]of n.seen)if(t.add(e),t.size>=1e3)return Rt}return t.size}function Kt(e,t){let n=new Map,r=0;for(let t of e)t?.is===`spread`&&t.bins.forEach((e,t)=>{n.set(t,(n.get(t)??0)+e),r+=e});let i=Math.max(1,Math.ceil(t*r));for(let e of[...n.keys()].sort((e,t)=>e-t))if(i-=n.get(e)??0,i<=0)return Jt(e);return null}function qt(e){return e===0?0:Math.sign(e)*(Math.ceil(Math.log(Math.abs(e))/Vt)+Ht)}function Jt(e){return e===0?0:Math.sign(e)*2*Bt**(Math.abs(e)-Ht)/2.02}function Yt(e,t){let n=t,r=1/0;return e.forEach((e,i)=>{Math.abs(i-t)<r&&([n,r]=[i,Math.abs(i-t)])}),n}var Xt=[`count`,`sum`,`avg`,`min`,`max`,`first`,`last`,`distinct`,`p50`,`p95`],Zt={sealed:[],newest:null};function Qt(e,t,n,r,i){let a=Math.floor(t.time/r)*r,{sealed:o,newest:s}=e;if(s===null)return{sealed:o,newest:tn(a,t,n)};if(a===s.at)return{sealed:o,newest:nn(s,t)};let c=Math.max(a,s.at)-i-r;if(a<=c)return e;if(a>s.at){let e=[...o,s],r=e.findIndex(e=>e.at>c);return{sealed:r<0?[]:e.slice(r),newest:tn(a,t,n)}}let l=o.findLastIndex(e=>e.at<=a),u=o[l];return u?.at===a?{sealed:o.with(l,nn(u,t)),newest:s}:{sealed:o.toSpliced(l+1,0,tn(a,t,n)),newest:s}}function $t(e,t,n,r){let i=e.sealed.filter(({at:e})=>e+r>t&&e<=n),{newest:a}=e;return a&&a.at+r>t&&a.at<=n&&i.push(a),i}function en(e,t){if(e===`distinct`)return Gt(t.map(({sketch:e})=>e));if(e===`p50`||e===`p95`)return Kt(t.map(({sketch:e})=>e),e===`p50`?.5:.95);let[n,r,i,a]=[0,0,1/0,-1/0];for(let e of t)n+=e.count,r+=e.sum,i=Math.min(i,e.min),a=Math.max(a,e.max);return e===`count`?n:e===`sum`?r:n===0?null:e===`avg`?r/n:e===`min`?i:e===`max`?a:(e===`first`?t[0]?.first:t.at(-1)?.last)??null}function tn(e,{value:t,text:n},r){let i=Ut(r);return{at:e,count:1,sum:t,min:t,max:t,first:t,last:t,sketch:i&&Wt(i,t,n)}}function nn(e,{value:t,text:n}){return{at:e.at,count:e.count+1,sum:e.sum+t,min:Math.min(e.min,t),max:Math.max(e.max,t),first:e.first,last:t,sketch:e.sketch&&Wt(e.sketch,t,n)}}var rn=[`number`,`line`,`bar`,`feed`,`table`,`gauge`,`status`,`heatmap`,`alert`,`text`,`clock`],an=36e5,on=168*an,sn=12,cn=6,ln=32,un=2e4,dn=2e3,fn=[`id`,`type`,`title`,`at`],pn=[...fn,`from`,`where`,`stale`],mn=[...pn,`value`,`unit`,`decimals`,`levels`],hn={number:[...mn,`spark`,`compare`],line:[...mn,`split`,`stack`,`min`,`max`],bar:[...mn,`split`,`horizontal`],feed:[...pn,`text`,`note`,`rows`,`link`],table:[...pn,`by`,`columns`,`sort`,`rows`],gauge:[...mn,`min`,`max`],status:[...pn,`by`,`text`,`ok`,`bad`,`rows`],heatmap:[...mn,`by`,`bucket`,`rows`],alert:[...pn,`text`,`note`,`seconds`,`sound`,`max_age`],text:[...fn,`text`],clock:[...fn,`zone`]},gn=200;function _n({type:e,value:t}){return hn[e].includes(`value`)&&e!==`line`&&e!==`heatmap`&&t.op===`last`?gn:void 0}function vn(e,t,n){let r=[],i=new K(e,`widget ${t+1}`,r),a=i.text(`id`,`widget-${t+1}`);i.name=`widget ${JSON.stringify(a.slice(0,80))}`;let o=rn.find(e=>e===i.get(`type`));o||i.mistake(`type`,`one of ${rn.join(`, `)}`);let s=o!==`text`&&o!==`clock`,c=i.text(`from`,``);s&&(!c||/^\*/.test(c))&&i.mistake(`from`,`a pattern whose first segment is literal, such as "shop/**"`);let l=xn(i),u={id:a,title:i.text(`title`,a),at:En(i,t),from:s?c:``,where:i.conditions(`where`),value:yn(i,o),split:bn(i,o),text:i.text(`text`,o===`text`?``:`{/type}`).slice(0,un),note:i.text(`note`,``),by:i.pointer(`by`,`/subject`),ok:i.conditions(`ok`),bad:i.conditions(`bad`),unit:i.text(`unit`,``),decimals:i.get(`decimals`)===void 0?null:i.count(`decimals`,0,6),rows:i.count(`rows`,12,R.rows),seconds:i.count(`seconds`,6,60),maxAgeMs:i.duration(`max_age`)??6e4,staleMs:i.duration(`stale`),levels:Mt(i),sound:Dt(i),columns:l,sort:Sn(i,l),min:i.numberOr(`min`),max:i.numberOr(`max`),hasSpark:i.flag(`spark`,!0),compareMs:Cn(i),isStacked:i.flag(`stack`,!1),isHorizontal:i.flag(`horizontal`,!0),link:i.pointer(`link`,``),zones:wn(i)};u.min!==null&&u.max!==null&&u.min>=u.max&&i.mistake(`max`,"more than `min`"),n.push(...r);let d=o?i.names().filter(e=>!hn[o].includes(e)):[];for(let e of d)n.push(`${i.name}: \`${e.slice(0,80)}\` is no key of a ${o}`);return o&&r.length===0?{...u,type:o}:null}function yn(e,t){let n=new K(e.get(`value`)??{},`${e.name}, value`,e.mistakes),r=n.choice(`op`,Xt,t===`gauge`?`last`:`count`),i=n.pointer(`of`,``)||null;(t===void 0||hn[t].includes(`value`))&&r!==`count`&&i===null&&n.mistake(`of`,`a pointer, for ${JSON.stringify(r)} needs a number`);let a=t===`heatmap`&&e.get(`by`)===void 0;return{op:r,of:i,windowMs:n.duration(`window`)??(a?on:null),bucketMs:a?an:n.duration(`bucket`)??e.duration(`bucket`),perMs:n.duration(`per`),scale:n.number(`scale`,1)}}function bn(e,t){if(t===`heatmap`)return e.get(`by`)===void 0?null:{by:e.pointer(`by`,``),top:e.count(`rows`,8,ln)};if(e.get(`split`)===void 0)return null;let n=new K(e.get(`split`),`${e.name}, split`,e.mistakes);return{by:n.pointer(`by`,``),top:n.count(`top`,8,ln)}}function xn(e){let t=e.list(`columns`);return t.length>sn&&e.mistake(`columns`,`at most ${sn} columns`),t.slice(0,sn).flatMap((t,n)=>{let r=typeof t==`string`;r||typeof t==`object`&&t||e.mistake(`columns`,`pointers such as "/data/city", or tables like { title = "City", show = "/data/city" }`);let i=new K(r?{show:t}:t,`${e.name}, column ${n+1}`,e.mistakes),a=i.text(`show`,``);a.includes(`/`)||i.mistake(`show`,`a pointer such as "/data/city", or a text such as "{/data/city}, {/data/country}"`);let o=/([^/{}]+)\}?$/.exec(a)?.[1]??a;return[{title:i.text(`title`,o),show:a,unit:i.text(`unit`,``),decimals:i.get(`decimals`)===void 0?null:i.count(`decimals`,0,6),scale:i.number(`scale`,1)}]})}function Sn(e,t){let n=e.text(`sort`,`key`),r=n.startsWith(`-`),i=r?n.slice(1):n;if(i===`key`||i===`time`)return{by:i,isDown:r};let a=t.findIndex(({title:e})=>e===i);return a<0&&e.mistake(`sort`,`"key", "time" or the title of a column, with "-" before it for the highest first`),{by:Math.max(0,a),isDown:r}}function Cn(e){let t=e.get(`compare`);if(t===void 0||t===!1)return null;if(t===!0||t===`before`)return`before`;let n=new K({compare:t},e.name,[]).duration(`compare`);return(n===null||n<=0)&&e.mistake(`compare`,`true, for the window before, or how long ago, such as "1d"`),n}function wn(e){let t=e.get(`zone`)??[],n=Array.isArray(t)?t:[t];return n.length>cn&&e.mistake(`zone`,`at most ${cn} zones`),n.slice(0,cn).flatMap(t=>typeof t==`string`&&Tn(t)?[t]:(e.mistake(`zone`,`a time zone such as "Europe/Lisbon", or a list of them`),[]))}function Tn(e){try{return new Intl.DateTimeFormat(`en`,{timeZone:e}).resolvedOptions().timeZone!==``}catch{return!1}}function En(e,t){let n=e.get(`at`)??[t%3*4,Math.floor(t/3)*4,4,4],r=Array.isArray(n)?n.filter(e=>Number.isInteger(e)&&e>=0&&e<=dn):[],[i=0,a=0,o=4,s=4]=r;return(r.length!==4||i+o>12||o<1||s<1)&&e.mistake(`at`,`[column, row, width, height] within 12 columns`),[i,a,o,s]}var Dn=20;function On(e){let t=[],n=new K(e,`board`,t),r=n.list(`widget`);r.length>R.widgets&&t.push(`board: ${r.length} widgets, at most ${R.widgets} are shown`);let i=[];for(let[e,n]of r.slice(0,R.widgets).entries()){let r=vn(n,e,t),a=i.some(({id:e})=>e===r?.id);r&&a&&t.push(`widget ${JSON.stringify(r.id)}: \`id\` should be one that no other widget has`),r&&!a&&i.push(r)}let a=new K(n.get(`try`),`board.try`,t),o=a.text(`source`,``),s=n.text(`name`,``),c=n.text(`title`,``)||n.text(`name`,`Board`),l=n.duration(`range`)??9e5,u=o===``?null:{source:o,curl:a.text(`curl`,``)||null},d=[...new Set(t)],f=d.length-Dn;return{name:s,title:c,rangeMs:l,widgets:i,mistakes:f>1?[...d.slice(0,Dn),`and ${f} more mistakes`]:d,invitation:u}}var kn=6e4,An=3e4,jn=2e3,Mn=64,Nn=[{label:`1m`,name:`1 minute`,ms:kn},{label:`5m`,name:`5 minutes`,ms:5*kn},{label:`15m`,name:`15 minutes`,ms:15*kn},{label:`1h`,name:`1 hour`,ms:60*kn},{label:`6h`,name:`6 hours`,ms:360*kn},{label:`24h`,name:`24 hours`,ms:1440*kn}];function Pn(e){let t=new URLSearchParams(e.search),n=new URLSearchParams(e.hash.slice(1)),r=e.pathname.split(`/`).filter(Boolean).map(Fn),i=(t.get(`boards`)??``).split(`,`).filter(Boolean).slice(0,Mn);return{path:r,query:t,board:r[0]===`board`?r[1]??`home`:n.get(`board`)??i[0]??`home`,rangeMs:Nn.find(({label:e})=>e===t.get(`range`))?.ms??null,isKiosk:t.has(`kiosk`)||t.has(`overlay`),isOverlay:t.has(`overlay`),rotation:i.length<2?null:{boards:i,everyMs:Math.max(jn,wt(t.get(`rotate`))??An)},token:n.get(`token`),key:n.get(`key`)}}function Fn(e){try{return decodeURIComponent(e)}catch{return e}}var q=new class{#e=I(Pn(location));get at(){return f(this.#e)}set at(e){m(this.#e,e)}go(e){history.pushState(null,``,J(e)),this.follow()}choose(e,t){let n=new URL(location.href);t===null?n.searchParams.delete(e):n.searchParams.set(e,t),history.replaceState(null,``,n),this.follow()}follow(){this.at=Pn(location)}};function J(e){return e.includes(`#`)?e:e+location.hash}function In(e){if(e.defaultPrevented||e.button!==0||e.ctrlKey||e.metaKey||e.shiftKey||e.altKey)return;let t=e.target instanceof Element?e.target.closest(`a`):null;!t||t.target!==``||t.hasAttribute(`download`)||t.origin!==location.origin||t.pathname.startsWith(`/api/`)||(e.preventDefault(),q.go(t.pathname+t.search+(t.hash||location.hash)))}function Ln(e){return Rn(e).includes(`hookcast/**`)}function Rn(e){let[,t]=e?.split(`.`)??[];if(t===void 0)return[];try{let e=Uint8Array.from(atob(t.replaceAll(`-`,`+`).replaceAll(`_`,`/`)),e=>e.charCodeAt(0)),n=JSON.parse(new TextDecoder().decode(e)),r=typeof n==`object`&&n&&`hookcast`in n?n.hookcast:null,i=typeof r==`object`&&r&&`subscribe`in r?r.subscribe:null;return Array.isArray(i)?i.filter(e=>typeof e==`string`):[]}catch{return[]}}var zn=2e3,Bn=class{pass;client;#e=I({is:`idle`});get connection(){return f(this.#e)}set connection(e){m(this.#e,e)}#t=I(l(Date.now()));get now(){return f(this.#t)}set now(e){m(this.#t,e,!0)}#n=I(null);get lostAt(){return f(this.#n)}set lostAt(e){m(this.#n,e,!0)}#r=I(!1);get isGrey(){return f(this.#r)}set isGrey(e){m(this.#r,e,!0)}#i=I(!1);get isOperator(){return f(this.#i)}set isOperator(e){m(this.#i,e,!0)}#a=[];#o=new Set;constructor(e,t){this.pass=e,this.client=dt({url:Vn(),getToken:async t=>this.#c(t===`refresh`?await e.renew():await e.token()),whenHidden:t?`keep`:`slow`}),this.isOperator=Ln(e.given)}start(){this.#a.push(this.client.onState(e=>this.#u(e)));let e=setInterval(()=>this.#l(),1e3);this.#a.push(()=>clearInterval(e)),this.#a.push(this.client.subscribe(`hookcast/board/*`,{event:({event:e})=>this.#s(e.data)}))}onBoard(e){return this.#o.add(e),()=>this.#o.delete(e)}#s(e){let t=new Map(typeof e==`object`&&e?Object.entries(e):[]),[n,r]=[t.get(`name`),t.get(`revision`)];if(typeof n==`string`)for(let e of this.#o)e(n,typeof r==`string`?r:null)}stop(){for(let e of this.#a)e();this.client.close()}#c(e){return this.isOperator=Ln(e),e}#l(){this.now=this.client.now(),this.isGrey=this.lostAt!==null&&this.now-this.lostAt>=zn}#u(e){let t=e.is===`live`;!t&&this.connection.is===`live`&&(this.lostAt??=this.client.now()),t&&e.catchingUp===0&&(this.lostAt=null,this.isGrey=!1,this.now=this.client.now()),this.connection=e}};function Vn(){let e=new URL(`/ws`,location.href);return e.protocol=e.protocol.replace(`http`,`ws`),e.hash=``,e.href}function Hn(e,t,n,r,i){let a=H(n.event,t.by),o=Kn(t,n.event),s=e.get(a),c=[...s?.beats??[],o].slice(-12);return(s?e:L(e,R.keys)).set(a,{key:a,at:r,heard:i,text:V(t.text,n.event),mood:o,beats:c})}function Un(e,t){return Gn(e.values(),t).sort((e,t)=>Wn.compare(e.key,t.key))}var Wn=new Intl.Collator(void 0,{numeric:!0});function Gn(e,t){return e.length<=t?e:e.sort((e,t)=>t.heard-e.heard).slice(0,t)}function Kn(e,t){return e.bad.length>0&&oe(e.bad,t)?`bad`:e.ok.length===0?e.bad.length>0?`ok`:`busy`:oe(e.ok,t)?`ok`:`busy`}var qn=5e3,Jn={time:``,ms:NaN};function Yn(e,t){let{event:n}=e,r=typeof n==`object`&&n&&`time`in n?n.time:void 0;if(typeof r!=`string`)return t;r!==Jn.time&&(Jn={time:r,ms:r.length>64?NaN:Date.parse(r)});let{ms:i}=Jn;return Number.isNaN(i)||i>t+qn?t:i}function Xn(e){return`${e.stream}:${e.offset}`}function Zn(e,t,n){return $n(e!==null&&e.length>=n*2-1?Qn(e,n).reduceRight($n,null):e,t)}function Qn(e,t){let n=[];for(let r=e;r!==null&&n.length<t;r=r.rest)n.push(r.item);return n}function $n(e,t){return{item:t,rest:e,length:(e?.length??0)+1}}var er=2e3;function tr(e,t,n,r){return Zn(e,{is:`event`,key:Xn(n),at:r,text:V(t.text,n.event),note:t.note===``?``:V(t.note,n.event),link:t.link===``?null:rr(B(n.event,t.link)),topic:n.topic,replayed:n.replayed},t.rows)}function nr(e,t,n,r){return Zn(e,{is:`gap`,key:`gap ${n.stream} ${n.from} ${n.to} ${r}`,at:r,missed:n},t.rows)}function rr(e){if(typeof e!=`string`||e.length>er||!URL.canParse(e))return null;let{protocol:t,href:n}=new URL(e);return[`http:`,`https:`,`mailto:`].includes(t)?n:null}var ir={queue:[],fired:0,ids:z.of(),last:null},ar=1024;function or(e,t,n,r,i){let a=V(t.text,n.event),o={at:r,text:a},s=`${H(n.event,`/source`)} ${H(n.event,`/id`)}`;if(n.replayed||i-r>t.maxAgeMs||e.ids.has(s))return{...e,last:o};let c=e.fired+1,l={number:c,at:r,text:a,note:t.note===``?``:V(t.note,n.event)};return{queue:[...e.queue,l].slice(-20),fired:c,ids:sr(e.ids).set(s,!0),last:o}}function sr(e){return e.size<ar?e:z.of([...e].slice(ar/2))}var cr={byKey:z.of(),sweptAt:0},lr=`other`.padEnd(300,`\0`),ur=60,dr=100,fr={line:R.buckets,heatmap:336},pr=360,mr=180;function hr(e,t){let{value:n,compareMs:r,levels:i}=e,a=n.windowMs??t,o=a+Math.max(r===`before`?a:r??0,...i.map(({forMs:e})=>e)),s=Math.min(fr[e.type]??mr,e.split?pr:R.buckets,Cr(e)?ur:R.buckets);return{windowMs:a,bucketMs:Math.max(n.bucketMs??a/60,o/s,1),spanMs:o}}function gr({value:{op:e}}){return e===`count`||e===`sum`||e===`distinct`}function _r(e,t,n,r,i){let{op:a,of:o,scale:s}=t.value,c=o===null?1:ae(n,o),l=a===`distinct`&&o!==null?H(n,o):``;if(c===null&&a!==`count`&&a!==`distinct`)return e;let u=t.split?H(n,t.split.by):``,d=e.byKey.has(u)?{...e,isFull:!1}:wr(e,Cr(t)?dr:R.keys,r,i),f=d.isFull?lr:u,p=d.byKey.get(f)??Zt,m=Qt(p,{time:r,value:(c??1)*s,text:l},a,i.bucketMs,i.spanMs);return m===p?e:{byKey:d.byKey.set(f,m),sweptAt:d.sweptAt}}function vr(e,t,n,r){let{op:i,perMs:a}=t.value,o=en(i,$t(e??Zt,r-n.windowMs,r,n.bucketMs));return o===null||a===null?o:o*a/n.windowMs}function yr(e,t,n,r){let i=t.type===`line`&&gr(t),a=i?{...n,windowMs:n.bucketMs}:n,o=i?Math.floor(r/n.bucketMs)*n.bucketMs-1:r;return t.split===null?[vr(e.byKey.get(``),t,a,o)]:e.byKey.values().map(e=>vr(e,t,a,o))}function br(e,t,n,r){let i=[],{op:a,perMs:o}=t.value;return e.byKey.forEach((e,t)=>{let s=$t(e,r-n.windowMs,r,n.bucketMs);if(s.length===0)return;let c=en(a,s)??0;i.push({key:t,value:o===null?c:c*o/n.windowMs})}),i.sort((e,t)=>t.value-e.value||Sr(e.key,t.key))}function xr(e,t,n,r){let{op:i,perMs:a}=t.value,{bucketMs:o,windowMs:s}=n,c=Math.floor(r/o)*o+(gr(t)?0:o),l=Math.ceil(s/o),u=Array.from({length:l},(e,t)=>c-(l-t)*o),d=t.split?.top??1,f=br(e,{...t,value:{...t.value,op:gr(t)?i:`count`}},n,r).map(({key:e})=>e),p=f.filter(e=>e!==lr).slice(0,d).sort(Sr),m=new Set(p),h=f.filter(e=>!m.has(e)),g=(t,n)=>{let r=new Map;for(let t of n)for(let n of $t(e.byKey.get(t)??Zt,c-s-o,1/0,o)){let e=r.get(n.at);e?e.push(n):r.set(n.at,[n])}return{key:t,values:u.map(e=>{let t=en(i,r.get(e)??[]);return t===null||a===null?t:t*a/o})}},_=p.map(e=>g(e,[e]));return h.length>0&&_.push(g(lr,h)),{times:u.map(e=>Math.min(e+o,r)/1e3),lines:_}}function Sr(e,t){return e<t?-1:+(e>t)}function Cr({value:{op:e}}){return e===`distinct`||e===`p50`||e===`p95`}function wr(e,t,n,{bucketMs:r,spanMs:i}){if(e.byKey.size<t)return{...e,isFull:!1};if(n<e.sweptAt+r)return{...e,isFull:!0};let a=[...e.byKey].filter(([,{newest:e}])=>e!==null&&e.at>n-i-r);return a.length===e.byKey.size?{...e,sweptAt:n,isFull:!0}:{byKey:z.of(a),sweptAt:n,isFull:a.length>=t}}function Tr(e,t,n,r,i){let a=H(n.event,t.by),o=t.columns.map(e=>Or(e,n.event));return(e.has(a)?e:L(e,R.keys)).set(a,{key:a,at:r,heard:i,values:o})}function Er(e,{rows:t,sort:n}){let r=n.isDown?-1:1,i=e.values();return(n.by===`key`||n.by===`time`?Gn(i,t):i).sort((e,t)=>r*Dr(e,t,n.by)||Wn.compare(e.key,t.key)).slice(0,t)}function Dr(e,t,n){if(n===`key`)return Wn.compare(e.key,t.key);if(n===`time`)return e.at-t.at||e.heard-t.heard;let[r,i]=[e.values[n]??``,t.values[n]??``];return typeof r==`number`&&typeof i==`number`?r-i:typeof r==`number`?1:typeof i==`number`?-1:Wn.compare(r,i)}function Or({show:e,scale:t},n){if(!e.startsWith(`/`))return V(e,n);let r=ae(n,e);return r===null?H(n,e):r*t}var kr={lastAt:null,count:0,gaps:[],series:cr,rows:null,cells:z.of(),table:z.of(),scenes:ir};function Ar(e,t,n,r){if(t.is===`gap`)return jr(e,t,n);let{seen:i,now:a}=t;if(!oe(n.where,i.event))return e;let o=Yn(i,a),s={...e,lastAt:Math.max(e.lastAt??0,o),count:e.count+1};switch(n.type){case`number`:case`line`:case`bar`:case`gauge`:case`heatmap`:return s.series=_r(e.series,n,i.event,o,hr(n,r)),s;case`feed`:return s.rows=tr(e.rows,n,i,o),s;case`status`:return s.cells=Hn(e.cells,n,i,o,s.count),s;case`table`:return s.table=Tr(e.table,n,i,o,s.count),s;case`alert`:return s.scenes=or(e.scenes,n,i,o,a),s;case`text`:case`clock`:return e}}function jr(e,{missed:t,since:n,now:r},i){let a={from:n,to:r,missed:t,count:t.from!==null&&t.to!==null?Math.max(0,t.to-t.from+1):null},o=i.type===`feed`?nr(e.rows,i,t,r):e.rows;return{...e,rows:o,gaps:[...e.gaps,a].slice(-50)}}function Mr(e,t){let n=e.filter(({to:e})=>e>=t);return n.length===0?null:{count:n.reduce((e,{count:t})=>e===null||t===null?null:e+t,0)}}function Nr(e,t,n,r){if(t.levels.length===0)return[];let i=hr(t,n),a=gr(t)&&Mr(e.gaps,r-i.spanMs)!==null;return t.levels.map(n=>Pt(n,n=>yr(e.series,t,i,n),i.bucketMs,r,a))}var Pr=5e3,Fr=class{client;#e=I(l({is:`in`}));get phase(){return f(this.#e)}set phase(e){m(this.#e,e,!0)}#t=new Set;#n=0;#r;constructor(e){this.client=e}pull(){if(this.phase.is===`out`||this.phase.is===`resuming`)return;this.#t.clear(),this.#n=0,this.client.close();let e=Date.now()+Pr,t=()=>{let t=Math.ceil((e-Date.now())/1e3);t>0?this.phase={is:`out`,secondsLeft:t}:this.#i()};this.#r=setInterval(t,200),t()}sawState(e){this.phase.is!==`resuming`||e.is!==`live`||e.catchingUp>0||(this.phase={is:`resumed`,caughtUp:this.#t.size,missed:this.#n})}sawMessage(e){this.phase.is===`resuming`&&e.replayed&&this.#t.add(`${e.stream}:${e.offset}`)}sawGap(e){if(this.phase.is!==`resuming`)return;let t=e.from!==null&&e.to!==null&&this.#n!==null;this.#n=t?(this.#n??0)+(e.to??0)-(e.from??0)+1:null}stop(){clearInterval(this.#r)}#i(){clearInterval(this.#r),this.phase={is:`resuming`},this.client.open()}},Ir=1e4,Lr=5e3,Rr=class{widget;rangeMs;#e=I(kr);get shown(){return f(this.#e)}set shown(e){m(this.#e,e)}#t=I(!1);get isReady(){return f(this.#t)}set isReady(e){m(this.#t,e,!0)}#n=I(null);get refusal(){return f(this.#n)}set refusal(e){m(this.#n,e,!0)}folded=kr;constructor(e,t){this.widget=e,this.rangeMs=t}take(e){this.folded=Ar(this.folded,e,this.widget,this.rangeMs)}},zr=class{board;rangeMs;session;widgets;#e=I(0);get perSecond(){return f(this.#e)}set perSecond(e){m(this.#e,e,!0)}plug;#t;#n=[];#r=[];#i=new Map;#a=0;#o=null;constructor(e,t,n){this.board=e,this.rangeMs=t,this.session=n,this.widgets=e.widgets.map(e=>new Rr(e,t)),this.#t=n.client,this.plug=new Fr(this.#t)}get connection(){return this.session.connection}get now(){return this.session.now}get lostAt(){return this.session.lostAt}get isGrey(){return this.session.isGrey}start(){this.#n.push(this.#t.onState(e=>this.#d(e)));let e=this.widgets.filter(({widget:e})=>e.from!==``);for(let t of Map.groupBy(e,({widget:e})=>`${_n(e)} ${e.from}`).values())this.#s(t);let t=setInterval(()=>this.#u(),1e3);this.#n.push(()=>clearInterval(t))}stop(){for(let e of this.#n)e();cancelAnimationFrame(this.#a),this.plug.stop()}#s(e){let[t]=e;if(!t)return;let n=t.widget.from,r=_n(t.widget),i=Math.max(...e.map(({widget:e})=>Math.max(this.rangeMs,hr(e,this.rangeMs).spanMs))),a=null,o=this.#t.subscribe(n,{event:t=>{a=this.#t.now(),this.#c(t,e)},gap:t=>{let n=this.#t.now();this.#l(e,{is:`gap`,missed:t,since:this.lostAt??a??n,now:n}),this.plug.sawGap(t),t.reason===`epoch`&&this.#i.delete(t.stream)},ready:()=>{a=this.#t.now();for(let t of e)t.isReady=!0},error:t=>{for(let n of e)n.refusal={code:t.code,message:t.message}}},r===void 0?{since:{ageMs:i}}:{since:{ageMs:i},latestMs:r});this.#n.push(o)}#c(e,t){let{stream:n,offset:r,topic:i,event:a,replayed:o}=e,s=this.#t.now();this.#l(t,{is:`event`,seen:{stream:n,offset:r,topic:i,event:a,replayed:o},now:s}),this.plug.sawMessage(e),o||r<=(this.#i.get(n)??0)||(this.#i.set(n,r),this.#r.push(s),this.#r.length>Lr&&this.#r.splice(0,Lr/2))}#l(e,t){for(let n of e)n.take(t);this.#a||=requestAnimationFrame(()=>{this.#a=0;for(let e of this.widgets)e.shown!==e.folded&&(e.shown=e.folded)})}#u(){let e=this.#t.now();this.#r=this.#r.filter(t=>t>e-Ir);let t=Math.min(Ir,e-(this.#o??e));this.perSecond=t>=1e3?this.#r.length/(t/1e3):0}#d(e){e.is===`live`?e.catchingUp===0&&(this.#o??=this.#t.now()):this.#o=null,this.plug.sawState(e)}},Br=1200,Y=new class{#e=I([]);#t=null;#n=t(()=>f(this.#e).flat());get all(){return f(this.#n)}set all(e){m(this.#n,e)}add(e){return m(this.#e,[e,...k(()=>f(this.#e))]),()=>m(this.#e,f(this.#e).filter(t=>t!==e))}press(e){if(e.defaultPrevented||e.isComposing)return;let t=Vr(e);if(t===null||Hr(e)&&!t.startsWith(`Ctrl+`))return;let n=this.#t!==null&&e.timeStamp-this.#t.at<Br?`${this.#t.key} ${t}`:null,r=n!==null&&this.#r(n)||this.#r(t);this.#t=r?null:{key:t,at:e.timeStamp},r&&(e.preventDefault(),r.run())}#r(e){return this.all.find(({keys:t})=>t.split(`|`).includes(e))}};function Vr(e){if(e.altKey||[`Control`,`Meta`,`Shift`].includes(e.key))return null;let t=e.key===` `?`Space`:e.key,n=t.length>1,r=e.ctrlKey||e.metaKey?`Ctrl+`:``;return`${r}${e.shiftKey&&n&&t!==`?`?`Shift+`:``}${r===``?t:t.toLowerCase()}`}function Hr({target:e,key:t}){return document.querySelector(`dialog[open]`)?!0:e instanceof HTMLElement?e.isContentEditable||e.matches(`input:not([type=checkbox], [type=radio], [type=button]), textarea, select`)?t!==`Escape`:(t===` `||t===`Enter`)&&e.matches(`button, a, summary, [role=button], [role=tab], input`):!1}var Ur={info:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-info"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <circle cx="12" cy="12" r="10" />
  <path d="M12 16v-4" />
  <path d="M12 8h.01" />
</svg>
`,notify:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-bell-plus"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M10.268 21a2 2 0 0 0 3.464 0" />
  <path d="M15 8h6" />
  <path d="M18 5v6" />
  <path d="M20.002 14.464a9 9 0 0 0 .738.863A1 1 0 0 1 20 17H4a1 1 0 0 1-.74-1.673C4.59 13.956 6 12.499 6 8a6 6 0 0 1 8.75-5.332" />
</svg>
`,siren:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-siren"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M7 18v-6a5 5 0 1 1 10 0v6" />
  <path d="M5 21a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-1a2 2 0 0 0-2-2H7a2 2 0 0 0-2 2z" />
  <path d="M21 12h1" />
  <path d="M18.5 4.5 18 5" />
  <path d="M2 12h1" />
  <path d="M12 2v1" />
  <path d="m4.929 4.929.707.707" />
  <path d="M12 12v6" />
</svg>
`,soundOff:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-volume-x"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M11 4.702a.7.7 0 0 0-1.203-.498L6.413 7.587A1.4 1.4 0 0 1 5.416 8H3a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2.416a1.4 1.4 0 0 1 .997.413l3.383 3.384A.7.7 0 0 0 11 19.298z" />
  <path d="m16.5 14.5 5-5" />
  <path d="m16.5 9.5 5 5" />
</svg>
`,auto:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-sun-moon"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M12 2v2" />
  <path d="M14.837 16.385a6 6 0 1 1-7.223-7.222c.624-.147.97.66.715 1.248a4 4 0 0 0 5.26 5.259c.589-.255 1.396.09 1.248.715" />
  <path d="M16 12a4 4 0 0 0-4-4" />
  <path d="m19 5-1.256 1.256" />
  <path d="M20 12h2" />
</svg>
`,ban:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-ban"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <circle cx="12" cy="12" r="10" />
  <path d="M4.929 4.929 19.07 19.071" />
</svg>
`,board:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-layout-dashboard"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <rect width="7" height="9" x="3" y="3" rx="1" />
  <rect width="7" height="5" x="14" y="3" rx="1" />
  <rect width="7" height="9" x="14" y="12" rx="1" />
  <rect width="7" height="5" x="3" y="16" rx="1" />
</svg>
`,busy:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-circle-ellipsis"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <circle cx="12" cy="12" r="10" />
  <path d="M17 12h.01" />
  <path d="M12 12h.01" />
  <path d="M7 12h.01" />
</svg>
`,catchingUp:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-loader-circle"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M21 12a9 9 0 1 1-6.219-8.56" />
</svg>
`,check:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-circle-check"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <circle cx="12" cy="12" r="10" />
  <path d="m16 9-5.5 5.5L8 12" />
</svg>
`,connections:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-cable"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M17 19a1 1 0 0 1-1-1v-2a2 2 0 0 1 2-2h2a2 2 0 0 1 2 2v2a1 1 0 0 1-1 1z" />
  <path d="M17 21v-2" />
  <path d="M19 14V6.5a1 1 0 0 0-7 0v11a1 1 0 0 1-7 0V10" />
  <path d="M21 21v-2" />
  <path d="M3 5V3" />
  <path d="M4 10a2 2 0 0 1-2-2V6a1 1 0 0 1 1-1h4a1 1 0 0 1 1 1v2a2 2 0 0 1-2 2z" />
  <path d="M7 5V3" />
</svg>
`,copy:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-copy"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <rect width="14" height="14" x="8" y="8" rx="2" ry="2" />
  <path d="M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2" />
</svg>
`,events:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-list"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M3 5h.01" />
  <path d="M3 12h.01" />
  <path d="M3 19h.01" />
  <path d="M8 5h13" />
  <path d="M8 12h13" />
  <path d="M8 19h13" />
</svg>
`,health:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-heart-pulse"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M2 9.5a5.5 5.5 0 0 1 9.591-3.676.56.56 0 0 0 .818 0A5.49 5.49 0 0 1 22 9.5c0 2.29-1.5 4-3 5.5l-5.492 5.313a2 2 0 0 1-3 .019L5 15c-1.5-1.5-3-3.2-3-5.5" />
  <path d="M3.22 13H9.5l.5-1 2 4.5 2-7 1.5 3.5h5.27" />
</svg>
`,heart:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-heart"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M2 9.5a5.5 5.5 0 0 1 9.591-3.676.56.56 0 0 0 .818 0A5.49 5.49 0 0 1 22 9.5c0 2.29-1.5 4-3 5.5l-5.492 5.313a2 2 0 0 1-3 .019L5 15c-1.5-1.5-3-3.2-3-5.5" />
</svg>
`,key:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-key-round"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4z" />
  <circle cx="16.5" cy="7.5" r=".5" fill="currentColor" />
</svg>
`,kiosk:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-maximize"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M8 3H5a2 2 0 0 0-2 2v3" />
  <path d="M21 8V5a2 2 0 0 0-2-2h-3" />
  <path d="M3 16v3a2 2 0 0 0 2 2h3" />
  <path d="M16 21h3a2 2 0 0 0 2-2v-3" />
</svg>
`,live:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-radio"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M16.247 7.761a6 6 0 0 1 0 8.478" />
  <path d="M19.075 4.933a10 10 0 0 1 0 14.134" />
  <path d="M4.925 19.067a10 10 0 0 1 0-14.134" />
  <path d="M7.753 16.239a6 6 0 0 1 0-8.478" />
  <circle cx="12" cy="12" r="2" />
</svg>
`,moon:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-moon"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M20.985 12.486a9 9 0 1 1-9.473-9.472c.405-.022.617.46.402.803a6 6 0 0 0 8.268 8.268c.344-.215.825-.004.803.401" />
</svg>
`,offline:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-wifi-off"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M12 20h.01" />
  <path d="M8.5 16.429a5 5 0 0 1 7 0" />
  <path d="M5 12.859a10 10 0 0 1 5.17-2.69" />
  <path d="M19 12.859a10 10 0 0 0-2.007-1.523" />
  <path d="M2 8.82a15 15 0 0 1 4.177-2.643" />
  <path d="M22 8.82a15 15 0 0 0-11.288-3.764" />
  <path d="m2 2 20 20" />
</svg>
`,plug:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-unplug"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="m19 5 3-3" />
  <path d="m2 22 3-3" />
  <path d="M6.3 20.3a2.4 2.4 0 0 0 3.4 0L12 18l-6-6-2.3 2.3a2.4 2.4 0 0 0 0 3.4Z" />
  <path d="M7.5 13.5 10 11" />
  <path d="M10.5 16.5 13 14" />
  <path d="m12 6 6 6 2.3-2.3a2.4 2.4 0 0 0 0-3.4l-2.6-2.6a2.4 2.4 0 0 0-3.4 0Z" />
</svg>
`,refresh:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-refresh-cw"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8" />
  <path d="M21 3v5h-5" />
  <path d="M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16" />
  <path d="M8 16H3v5" />
</svg>
`,search:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-search"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="m21 21-4.34-4.34" />
  <circle cx="11" cy="11" r="8" />
</svg>
`,send:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-zap"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M15.914 4a1.5 1.5 0 00-2.474-1.561l-9 9A1.5 1.5 0 005.5 14h4.002a.5.5 0 01.471.666L8.086 20a1.5 1.5 0 002.475 1.56l9-9A1.5 1.5 0 0018.5 10h-3.997a.5.5 0 01-.472-.667z" />
</svg>
`,signedOut:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-log-out"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="m16 17 5-5-5-5" />
  <path d="M21 12H9" />
  <path d="M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4" />
</svg>
`,sources:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-webhook"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M18 16.98h-5.99c-1.1 0-1.95.94-2.48 1.9A4 4 0 0 1 2 17c.01-.7.2-1.4.57-2" />
  <path d="m6 17 3.13-5.78c.53-.97.1-2.18-.5-3.1a4 4 0 1 1 6.89-4.06" />
  <path d="m12 6 3.13 5.73C15.66 12.7 16.9 13 18 13a4 4 0 0 1 0 8" />
</svg>
`,sun:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-sun"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <circle cx="12" cy="12" r="4" />
  <path d="M12 2v2" />
  <path d="M12 20v2" />
  <path d="m4.93 4.93 1.41 1.41" />
  <path d="m17.66 17.66 1.41 1.41" />
  <path d="M2 12h2" />
  <path d="M20 12h2" />
  <path d="m6.34 17.66-1.41 1.41" />
  <path d="m19.07 4.93-1.41 1.41" />
</svg>
`,table:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-table-2"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M3 9h18" />
  <path d="M9 3v18" />
  <rect x="3" y="3" width="18" height="18" rx="2" />
</svg>
`,topics:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-list-tree"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M8 5h13" />
  <path d="M13 12h8" />
  <path d="M13 19h8" />
  <path d="M3 10a2 2 0 0 0 2 2h3" />
  <path d="M3 5v12a2 2 0 0 0 2 2h3" />
</svg>
`,warning:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-triangle-alert"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3" />
  <path d="M12 9v4" />
  <path d="M12 17h.01" />
</svg>
`,back:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-arrow-left"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="m12 19-7-7 7-7" />
  <path d="M19 12H5" />
</svg>
`,close:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-x"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M18 6 6 18" />
  <path d="m6 6 12 12" />
</svg>
`,download:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-download"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M12 15V3" />
  <path d="M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4" />
  <path d="m7 10 5 5 5-5" />
</svg>
`,edit:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-pencil"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z" />
  <path d="m15 5 4 4" />
</svg>
`,failed:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-circle-x"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <circle cx="12" cy="12" r="10" />
  <path d="m15 9-6 6" />
  <path d="m9 9 6 6" />
</svg>
`,filter:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-funnel"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M10 20a1 1 0 0 0 .553.895l2 1A1 1 0 0 0 14 21v-7a2 2 0 0 1 .517-1.341L21.74 4.67A1 1 0 0 0 21 3H3a1 1 0 0 0-.742 1.67l7.225 7.989A2 2 0 0 1 10 14z" />
</svg>
`,notReached:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-circle-dashed"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M10.1 2.182a10 10 0 0 1 3.8 0" />
  <path d="M13.9 21.818a10 10 0 0 1-3.8 0" />
  <path d="M17.609 3.721a10 10 0 0 1 2.69 2.7" />
  <path d="M2.182 13.9a10 10 0 0 1 0-3.8" />
  <path d="M20.279 17.609a10 10 0 0 1-2.7 2.69" />
  <path d="M21.818 10.1a10 10 0 0 1 0 3.8" />
  <path d="M3.721 6.391a10 10 0 0 1 2.7-2.69" />
  <path d="M6.391 20.279a10 10 0 0 1-2.69-2.7" />
</svg>
`,opens:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-chevron-right"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="m9 18 6-6-6-6" />
</svg>
`,replay:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-rotate-ccw"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8" />
  <path d="M3 3v5h5" />
</svg>
`,upward:`<!-- @license lucide-static v1.62.0 - ISC -->
<svg
  class="lucide lucide-arrow-up"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="m5 12 7-7 7 7" />
  <path d="M12 19V5" />
</svg>
`},Wr=new DOMParser;function Gr(e){let t=Wr.parseFromString(Ur[e],`image/svg+xml`).documentElement;return t.setAttribute(`aria-hidden`,`true`),document.importNode(t,!0)}var Kr=h(`<span></span>`);function X(t,n){o(n,!0);let r=j(n,`turns`,3,!1);var i=Kr();let a;re(i,()=>e=>{e.replaceChildren(Gr(n.name))}),e(()=>a=C(i,1,`icon svelte-gfb9re`,null,a,{turns:r()})),S(t,i),v()}var qr=h(`<p class="what svelte-jmkx1e"><!>signed out</p> <p>This board needs a token. Open it with the link that <code class="svelte-jmkx1e">hookcast</code> prints: its end is <code class="svelte-jmkx1e">#token=…</code></p>`,1),Jr=h(`<p class="what svelte-jmkx1e"><!> </p> <p>Trying again every 3 s.</p>`,1),Yr=h(`<p class="what svelte-jmkx1e"><!>opening the board</p>`),Xr=h(`<main class="notice svelte-jmkx1e"><h1 class="svelte-jmkx1e">Hookcast</h1> <!></main>`);function Zr(t,n){o(n,!0);var r=Xr(),i=s(d(r),2),a=e=>{var t=qr(),n=p(t);X(d(n),{name:`signedOut`}),_(),y(n),_(2),S(e,t)},c=t=>{var r=Jr(),i=p(r),a=d(i);X(a,{name:`warning`});var o=s(a,1,!0);y(i),_(2),e(()=>F(o,n.trouble.message)),S(t,r)},l=e=>{var t=Yr();X(d(t),{name:`catchingUp`,turns:!0}),_(),y(t),S(e,t)};b(i,e=>{n.trouble instanceof vt?e(a):n.trouble?e(c,1):e(l,-1)}),y(r),S(t,r),v()}var Qr=5,$r=.75;function ei(e,t){let n=[],r=0;for(let i of e){let e=ti(i,t),a=e<=r?e:r>=e*$r?r:0,o={width:a||e,height:Math.min(i.at[3],Qr)};a?n.at(-1)?.push(o):n.push([o]),r=a?r-a:t-e}return n.flatMap(e=>{let n=t-e.reduce((e,{width:t})=>e+t,0),r=Math.max(...e.map(e=>e.height));return e.map(({width:t},i)=>({width:i===e.length-1?t+n:t,height:r}))})}function ti({type:e,at:t},n){return n<=2?e===`number`?1:n:Math.min(n,Math.max(2,Math.ceil(t[2]*n/12)))}var ni=navigator.language,ri=new Intl.DateTimeFormat(`en-GB`,{hour:`2-digit`,minute:`2-digit`,second:`2-digit`});function ii(e){return ri.format(e)}function Z(e){let t=e/6e4;return t<1?`${Math.round(e/1e3)} s`:t<60?`${Math.round(t)} min`:t<2880?`${Math.round(t/60)} h`:`${Math.round(t/1440)} days`}function ai(e,t){let n=Math.max(0,t-e);return n<5e3?`now`:`${Z(n)} ago`}var oi=new Map,si=1e10;function ci(e,t){if(e===null||Number.isNaN(e))return`–`;if(!Number.isFinite(e))return e>0?`∞`:`−∞`;if(Math.abs(e)>=si)return li(Math.abs(e)<0x38d7ea4c68000?`compact`:`scientific`,0,2).format(e);let n=t??(Number.isInteger(e)||Math.abs(e)>=100?0:1);return li(`standard`,n,n).format(e)}function li(e,t,n){let r=`${e} ${t} ${n}`,i=oi.get(r)??new Intl.NumberFormat(ni,{notation:e,minimumFractionDigits:t,maximumFractionDigits:n});return oi.set(r,i),i}function ui({above:e,below:t,equals:n,forMs:r},i){return`${[e===null?``:`above ${fi(e,null,i)}`,t===null?``:`below ${fi(t,null,i)}`,n===null?``:`at ${fi(n,null,i)}`].filter(Boolean).join(` and `)}${r>0?` for ${Z(r)}`:``}`}function di(e){return/^\p{Sc}$/u.test(e)?`before`:`behind`}function fi(e,t,n){let r=ci(e,t);return e===null||n===``?r:di(n)===`before`?`${n}${r}`:`${r} ${n}`}function pi(e){return e===null?`an unknown number missed`:`${e} missed`}function mi(e,t){switch(e.is){case`live`:return e.catchingUp===0?Q(`ok`,`live`,`live`):Q(`busy`,`catchingUp`,`catching up`);case`idle`:return Q(`busy`,`catchingUp`,`catching up`);case`connecting`:return e.attempt===0?Q(`busy`,`catchingUp`,`catching up`):Q(`warn`,`refresh`,`reconnecting`);case`waiting`:{let n=Math.max(1,Math.ceil((e.until-t)/1e3));return{...Q(`warn`,`refresh`,`reconnecting`),word:`reconnecting in ${n} s`}}case`suspended`:return Q(`bad`,`offline`,`offline`);case`closed`:return e.cause?.closeCode===4501||e.cause?.code===`token`?Q(`bad`,`signedOut`,`signed out`):Q(`bad`,`offline`,`offline`)}}function Q(e,t,n){return{tone:e,icon:t,word:n,spoken:n}}var hi=h(`<span data-testid="badge" aria-hidden="true"><!> </span> <span class="hc-hidden" role="status"> </span>`,1);function gi(n,r){o(r,!0);let i=t(()=>(r.now,mi(r.state,Date.now()))),c=I(``),l=0;O(()=>{let e=f(i).spoken,t=setTimeout(()=>{m(c,e,!0),l=Date.now()},Math.max(0,l+1e4-Date.now()));return()=>clearTimeout(t)});var u=hi(),h=p(u),g=d(h);{let e=t(()=>f(i).icon===`catchingUp`);X(g,{get name(){return f(i).icon},get turns(){return f(e)}})}var _=s(g);y(h);var b=s(h,2),x=a(b);e(()=>{C(h,1,`badge ${f(i).tone??``}`,`svelte-8ayh06`),F(_,` ${f(i).word??``}`),F(x,`Connection: ${f(c)??``}`)}),S(n,u),v()}var _i=[`auto`,`light`,`dark`],vi=`hookcast.theme`,yi=class{#e=I(`auto`);get current(){return f(this.#e)}set current(e){m(this.#e,e,!0)}#t=I(!1);#n=t(()=>this.current===`dark`||this.current===`auto`&&f(this.#t));get isDark(){return f(this.#n)}set isDark(e){m(this.#n,e)}constructor(){let e=matchMedia(`(prefers-color-scheme: dark)`);m(this.#t,e.matches,!0),e.addEventListener(`change`,({matches:e})=>m(this.#t,e,!0)),this.#r(bi(new URLSearchParams(location.search).get(`theme`)??xi()))}next(){this.#r(_i[(_i.indexOf(this.current)+1)%_i.length]??`auto`);try{localStorage.setItem(vi,this.current)}catch{}}#r(e){this.current=e,document.documentElement.dataset.theme=e}};function bi(e){return _i.find(t=>t===e)??`auto`}function xi(){try{return localStorage.getItem(vi)}catch{return null}}var Si=new yi,Ci=h(`<button type="button" class="hc-button hc-button-icon"><!></button>`);function wi(n,r){o(r,!0);let a=t(()=>({auto:`auto`,light:`sun`,dark:`moon`})[Si.current]);var s=Ci();X(d(s),{get name(){return f(a)}}),y(s),e(()=>{M(s,`title`,`Theme: ${Si.current??``} (t)`),M(s,`aria-label`,`Theme: ${Si.current??``}`)}),i(`click`,s,()=>Si.next()),S(n,s),v()}g([`click`]);var Ti=h(`<img class="mark svelte-io3nv6" src="/favicon.svg" alt="" width="32" height="32"/>`),Ei=h(`<button type="button" class="svelte-io3nv6"> </button>`),Di=h(`<div class="ranges svelte-io3nv6" role="group" aria-label="Range"></div>`),Oi=h(`<div class="tools svelte-io3nv6"><!> <button type="button" class="hc-button hc-button-icon" title="Kiosk (k)" aria-label="Kiosk"><!></button></div>`),ki=h(`<header class="bar svelte-io3nv6"><!> <h1 class="svelte-io3nv6"> </h1> <p class="rate svelte-io3nv6" data-testid="rate"><strong class="svelte-io3nv6"> </strong> events/s</p> <span class="push svelte-io3nv6"></span> <!> <!> <!></header>`);function Ai(t,n){o(n,!0);var r=ki(),c=d(r),l=e=>{var t=Ti();S(e,t)};b(c,e=>{(!n.live.session.isOperator||n.isKiosk)&&e(l)});var u=s(c,2),p=a(u,!0),m=s(u,2),h=d(m),g=a(h,!0);_(),y(m);var x=s(m,4),C=t=>{var r=Di();A(r,21,()=>Nn,({label:e,name:t,ms:n})=>e,(t,r)=>{let o=()=>f(r).label,s=()=>f(r).name,c=()=>f(r).ms;var l=Ei(),u=a(l,!0);e(()=>{M(l,`aria-pressed`,c()===n.live.rangeMs),M(l,`title`,s()),F(u,o())}),i(`click`,l,()=>n.onrange(o())),S(t,l)}),y(r),S(t,r)};b(x,e=>{n.isKiosk||e(C)});var w=s(x,2);gi(w,{get state(){return n.live.connection},get now(){return n.live.now}});var T=s(w,2),E=e=>{var t=Oi(),r=d(t);wi(r,{});var a=s(r,2);X(d(a),{name:`kiosk`}),y(a),y(t),i(`click`,a,function(...e){n.onkiosk?.apply(this,e)}),S(e,t)};b(T,e=>{n.isKiosk||e(E)}),y(r),e(e=>{M(u,`title`,n.live.board.title),F(p,n.live.board.title),F(g,e)},[()=>ci(n.live.perSecond,1)]),S(t,r),v()}g([`click`]);var ji=6e5,Mi=class{#e=I(null);get newest(){return f(this.#e)}set newest(e){m(this.#e,e)}#t=I(0);get count(){return f(this.#t)}set count(e){m(this.#t,e,!0)}listen(e){return e.client.subscribe(`hookcast/delivery/*/refused`,{event:({event:e})=>this.#n(e.data)},{since:{ageMs:ji}})}#n(e){let t=new Map(typeof e==`object`&&e?Object.entries(e):[]),[n,r,i]=[t.get(`id`),t.get(`source`),t.get(`says`)??t.get(`reason`)];typeof n==`string`&&typeof r==`string`&&(this.count+=1,this.newest={id:n,source:r,says:typeof i==`string`?i:`refused`})}},Ni=h(`<div class="copyable svelte-5hi3ge"><code tabindex="0" role="region" class="svelte-5hi3ge"> </code> <button type="button" class="hc-button svelte-5hi3ge"><!> <span role="status"> </span></button></div>`);function Pi(n,r){let o=I(``),c;async function l(){try{await navigator.clipboard.writeText(r.text),m(o,`copied`)}catch{m(o,`select and copy by hand`)}clearTimeout(c),c=setTimeout(()=>m(o,``),2e3)}var u=Ni(),p=d(u),h=a(p,!0),g=s(p,2),_=d(g);{let e=t(()=>f(o)===`copied`?`check`:`copy`);X(_,{get name(){return f(e)}})}var v=s(_,2),b=a(v,!0);y(g),y(u),e(()=>{M(p,`aria-label`,r.what),F(h,r.text),M(g,`aria-label`,`Copy the ${r.what??``}`),F(b,f(o)||`Copy`)}),i(`click`,g,l),S(n,u)}g([`click`]);var Fi=h(`<span class="test svelte-rc8raj"><button type="button"><!> </button> <span role="status"> </span></span>`);function Ii(t,n){o(n,!0);let r=j(n,`isMain`,3,!1),c=I(!1),l=I(``),u=I(!1),p;async function h(){m(c,!0);try{m(l,await _t(n.source,await n.pass.token()),!0),m(u,!1)}catch(e){m(l,e instanceof Error?e.message:String(e),!0),m(u,!0)}m(c,!1),clearTimeout(p),p=setTimeout(()=>m(l,``),4e3)}var g=Fi(),_=d(g);let b;var x=d(_);X(x,{name:`send`});var w=s(x,1,!0);y(_);var T=s(_,2);let E;var D=a(T,!0);y(g),e(()=>{b=C(_,1,`hc-button`,null,b,{"hc-button-main":r()}),_.disabled=f(c),M(_,`data-testid`,`test-${n.source??``}`),F(w,n.label),E=C(T,1,`said svelte-rc8raj`,null,E,{failed:f(u)}),F(D,f(l))}),i(`click`,_,h),S(t,g),v()}g([`click`]);var Li=h(`<div class="line svelte-vbg9tc"><!></div>`),Ri=h(`<!> <!>`,1),zi=h(`<span class="hint svelte-vbg9tc">5 s without a connection: see what is missed</span>`),Bi=h(`<a data-testid="refused" class="svelte-vbg9tc"><!><span> </span></a>`),Vi=h(`<p class="next svelte-vbg9tc"><!> <a data-testid="own" class="svelte-vbg9tc"><!><span>Use your own</span></a></p>`),Hi=h(`<section class="you svelte-vbg9tc" aria-labelledby="you-title"><h2 id="you-title" class="svelte-vbg9tc">Now you</h2> <!> <div class="plug svelte-vbg9tc"><button type="button" class="hc-button" data-testid="plug"><!>Pull the plug</button> <p role="status" data-testid="plug-result" class="svelte-vbg9tc"><!></p></div> <!></section>`);function Ui(n,r){o(r,!0);let c=t(()=>r.live.board.invitation),l=t(()=>r.live.plug.phase),u=new Mi;O(()=>{let{session:e}=r.live;if(e.isOperator)return k(()=>u.listen(e))});var m=Hi(),h=s(d(m),2),g=e=>{var t=Ri(),n=p(t);Ii(n,{get source(){return f(c).source},get pass(){return r.live.session.pass},label:`Send a test event`,isMain:!0});var i=s(n,2),a=e=>{var t=Li();Pi(d(t),{get text(){return f(c).curl},what:`curl line`}),y(t),S(e,t)};b(i,e=>{f(c).curl&&e(a)}),S(e,t)};b(h,e=>{f(c)&&e(g)});var x=s(h,2),C=d(x);X(d(C),{name:`plug`}),_(),y(C);var w=s(C,2),T=d(w),E=t=>{var n=N();e(()=>F(n,`unplugged · back in ${f(l).secondsLeft??``} s`)),S(t,n)},D=e=>{var t=N(`resuming…`);S(e,t)},ee=t=>{var n=N();e(e=>F(n,`resumed: ${f(l).caughtUp??``} caught up, ${e??``}`),[()=>pi(f(l).missed)]),S(t,n)},A=e=>{var t=zi();S(e,t)};b(T,e=>{f(l).is===`out`?e(E):f(l).is===`resuming`?e(D,1):f(l).is===`resumed`?e(ee,2):e(A,-1)}),y(w),y(x);var j=s(x,2),te=t=>{var n=Vi(),r=d(n),i=t=>{var n=Bi(),r=d(n);X(r,{name:`ban`});var i=s(r),o=a(i);y(n),e(e=>{M(n,`href`,e),M(n,`title`,`${u.newest.source??``}: ${u.newest.says??``}`),F(o,`${u.count??``} refused: see why`)},[()=>J(`/events/${u.newest.id}`)]),S(t,n)};b(r,e=>{u.newest&&e(i)});var o=s(r,2);X(d(o),{name:`sources`}),_(),y(o),y(n),e(e=>M(o,`href`,e),[()=>J(`/sources?add`)]),S(t,n)};b(j,e=>{r.live.session.isOperator&&e(te)}),y(m),e(()=>C.disabled=f(l).is===`out`||f(l).is===`resuming`),i(`click`,C,()=>r.live.plug.pull()),S(n,m),v()}g([`click`]);var Wi=h(`<div class="line svelte-tlpukr"><!></div>`),Gi=h(`<p class="svelte-tlpukr">Whatever <strong class="svelte-tlpukr"> </strong> posts appears here within a blink. Its address:</p> <div class="line svelte-tlpukr"><!></div> <!> <!>`,1),Ki=h(`<p class="svelte-tlpukr">A source is whoever posts webhooks: GitHub, a shop, a sensor, a donation page. Give it an address and a secret, and its events move this board at once.</p>`),qi=h(`<li><a class="svelte-tlpukr"> </a></li>`),Ji=h(`<a><!>Add a source</a> <ul aria-label="Often added" class="svelte-tlpukr"></ul>`,1),Yi=h(`<p class="svelte-tlpukr">Who runs this gateway can add one.</p>`),Xi=h(`<section class="welcome hc-card svelte-tlpukr" aria-labelledby="welcome-title"><!> <h2 id="welcome-title" class="svelte-tlpukr"> </h2> <!> <!></section>`);function Zi(n,r){o(r,!0);let i=[`github`,`stripe`,`shopify`,`slack`,`gitlab`,`paypal`,`sentry`,`ko-fi`],c=t(()=>r.live.board.invitation);var l=Xi(),u=d(l);X(u,{name:`sources`});var m=s(u,2),h=a(m,!0),g=s(m,2),x=n=>{var i=Gi(),o=p(i),l=s(d(o)),u=a(l,!0);_(),y(o);var m=s(o,2),h=d(m);{let e=t(()=>`${location.origin}/hooks/${f(c).source}`);Pi(h,{get text(){return f(e)},what:`hook's address`})}y(m);var g=s(m,2),v=e=>{Ii(e,{get source(){return f(c).source},get pass(){return r.live.session.pass},label:`Send a test event`,isMain:!0})};b(g,e=>{r.live.session.isOperator&&e(v)});var x=s(g,2),C=e=>{var t=Wi();Pi(d(t),{get text(){return f(c).curl},what:`line for a terminal`}),y(t),S(e,t)};b(x,e=>{f(c).curl&&e(C)}),e(()=>F(u,f(c).source)),S(n,i)},w=e=>{var t=Ki();S(e,t)};b(g,e=>{f(c)?e(x):e(w,-1)});var T=s(g,2),E=t=>{var n=Ji(),r=p(n);let o;X(d(r),{name:`sources`}),_(),y(r);var l=s(r,2);A(l,20,()=>i,e=>e,(t,n)=>{var r=qi(),i=d(r),o=a(i,!0);y(r),e(e=>{M(i,`href`,e),F(o,n)},[()=>J(`/sources?add=${n}`)]),S(t,r)}),y(l),e(e=>{o=C(r,1,`hc-button svelte-tlpukr`,null,o,{"hc-button-main":!f(c)}),M(r,`href`,e)},[()=>J(`/sources?add`)]),S(t,n)},D=e=>{var t=Yi();S(e,t)};b(T,e=>{r.live.session.isOperator?e(E):f(c)||e(D,1)}),y(l),e(()=>F(h,f(c)?`Waiting for the first event`:`Nothing sends here yet`)),S(n,l),v()}var Qi=h(`<span class="unit svelte-m5tm4r">≥&nbsp;</span>`),$i=h(`<span class="unit svelte-m5tm4r"> </span>`),ea=h(`<strong> </strong> `,1),ta=h(`<p class="change svelte-m5tm4r" data-testid="change"><!></p>`),na=n(`<rect width="0.72"></rect>`),ra=n(`<svg class="spark svelte-m5tm4r" preserveAspectRatio="none" aria-hidden="true"></svg>`),ia=h(`<p class="value svelte-m5tm4r" data-testid="value"><span class="figure svelte-m5tm4r"><!><!><span data-testid="number"> </span><!></span></p> <!> <!>`,1);function aa(n,r){o(r,!0);let i=t(()=>r.member.widget),c=t(()=>hr(f(i),r.live.rangeMs)),l=t(()=>r.member.shown.series.byKey.get(``)),u=t(()=>vr(f(l),f(i),f(c),r.now)),m=t(()=>gr(f(i))&&Mr(r.member.shown.gaps,r.now-f(c).windowMs)!==null||f(i).value.op===`distinct`&&f(u)===1e3),h=t(()=>ci(f(u),f(i).decimals)),g=t(()=>{if(!f(i).hasSpark)return[];let e=xr(r.member.shown.series,f(i),f(c),r.now).lines[0]?.values.slice(-40)??[],t=Math.max(...e.map(e=>e??0),0);return e.map(e=>t>0?Math.max(0,(e??0)/t):0)}),_=t(()=>f(i).compareMs===`before`?f(c).windowMs:f(i).compareMs),x=t(()=>{if(f(_)===null||f(u)===null||f(m))return null;let e=vr(f(l),f(i),f(c),r.now-f(_));if(e===null||e===0)return null;let t=(f(u)-e)/Math.abs(e),n=Math.abs(t)<.005;return{sign:n?`same`:t>0?`more`:`less`,text:n?`as`:`${ci(Math.abs(t)*100,0)} %`,arrow:n?`=`:t>0?`▲`:`▼`}}),w=t(()=>f(_)===null?``:f(i).compareMs===`before`?`${Z(f(_))} before`:`${Z(f(_))} ago`);function T(e){f(h),matchMedia(`(prefers-reduced-motion: reduce)`).matches||e.animate([{transform:`translateY(-0.06em)`,opacity:.55},{transform:`none`,opacity:1}],{duration:320,easing:`ease-out`})}var D=ia(),O=p(D);let k;var j=d(O),ne=d(j),ie=e=>{var t=Qi();S(e,t)};b(ne,e=>{f(m)&&e(ie)});var P=s(ne),I=t=>{var n=$i(),r=a(n,!0);e(()=>F(r,f(i).unit)),S(t,n)},L=t(()=>f(i).unit&&di(f(i).unit)===`before`);b(P,e=>{f(L)&&e(I)});var R=s(P),z=a(R,!0),ae=s(R),B=t=>{var n=$i(),r=a(n);e(()=>F(r,` ${f(i).unit??``}`)),S(t,n)},V=t(()=>f(i).unit&&di(f(i).unit)===`behind`);b(ae,e=>{f(V)&&e(B)}),y(j),re(j,()=>T),y(O);var H=s(O,2),oe=t=>{var n=ta(),r=d(n),i=t=>{var n=ea(),r=p(n),i=a(r),o=s(r);e(()=>{C(r,1,ee(f(x).sign),`svelte-m5tm4r`),F(i,`${f(x).arrow??``} ${f(x).text??``}`),F(o,` ${f(x).sign===`same`?``:f(x).sign+` than `}${f(w)??``}`)}),S(t,n)},o=t=>{var n=N();e(()=>F(n,`nothing to compare with ${f(w)??``}`)),S(t,n)};b(r,e=>{f(x)?e(i):e(o,-1)}),y(n),S(t,n)};b(H,e=>{f(_)!==null&&e(oe)});var se=s(H,2),ce=t=>{var n=ra();M(n,`viewBox`,`0 0 40 20`),A(n,21,()=>f(g),E,(t,n,r)=>{var i=na();M(i,`x`,r+.14);let a;e((e,t)=>{M(i,`y`,e),M(i,`height`,t),a=C(i,0,`svelte-m5tm4r`,null,a,{rest:f(n)===0})},[()=>20-Math.max(.7,f(n)*20),()=>Math.max(.7,f(n)*20)]),S(t,i)}),y(n),S(t,n)};b(se,e=>{f(i).hasSpark&&e(ce)}),e(e=>{M(O,`aria-label`,e),k=te(O,``,k,{"--chars":f(h).length+f(i).unit.length*.6+ +!!f(m)}),F(z,f(h))},[()=>`${f(m)?`at least `:``}${fi(f(u),f(i).decimals,f(i).unit)}`]),S(n,D),v()}var oa={number:{...sa(aa),appears:`The number starts with the first event.`,hasWindow:!0},line:{...$(()=>G(()=>import(`./LineWidget-ClJekV5f.js`),__vite__mapDeps([0,1,2,3]))),appears:`The line starts with the first event.`,hasWindow:!0},feed:{...$(()=>G(()=>import(`./FeedWidget-C3OOnt-f.js`),__vite__mapDeps([4,1,5]))),appears:`The newest events appear here, one a row.`,hasWindow:!1},bar:{...$(()=>G(()=>import(`./BarWidget-B79MpYCg.js`),__vite__mapDeps([6,1,7]))),appears:`The ranking starts with the first event.`,hasWindow:!0},table:{...$(()=>G(()=>import(`./TableWidget-BYR0_jY5.js`),__vite__mapDeps([8,1,9]))),appears:`One row for each thing that is heard of.`,hasWindow:!1},gauge:{...$(()=>G(()=>import(`./GaugeWidget-yAFpESZZ.js`),__vite__mapDeps([10,1,11]))),appears:`The arc fills with the first event.`,hasWindow:!1},status:{...$(()=>G(()=>import(`./StatusWidget-B_cPelP0.js`),__vite__mapDeps([12,1,13]))),appears:`One row for each thing that reports.`,hasWindow:!1},heatmap:{...$(()=>G(()=>import(`./HeatmapWidget-CnXaJFuP.js`),__vite__mapDeps([14,1,2,15]))),appears:`The squares warm up with the first event.`,hasWindow:!0},alert:{...$(()=>G(()=>import(`./AlertWidget-GCfZQxGp.js`),__vite__mapDeps([16,1,17]))),appears:`A scene plays here for each event.`,hasWindow:!1},text:{...$(()=>G(()=>import(`./TextWidget-D0JJXT8S.js`),__vite__mapDeps([18,1,19]))),appears:``,hasWindow:!1},clock:{...$(()=>G(()=>import(`./ClockWidget-BIUVzpZZ.js`),__vite__mapDeps([20,1,21]))),appears:``,hasWindow:!1}};function sa(e){return{body:e,load:()=>Promise.resolve(e)}}function $(e){return{body:null,load:async()=>(await e()).default}}var ca=h(`<div class="empty svelte-i3ylf5" data-testid="empty"><p class="svelte-i3ylf5"> </p> <!> <div class="line svelte-i3ylf5"><!></div></div>`);function la(n,r){o(r,!0);let i=t(()=>r.widget.from.split(`/`)[0]??``),c=t(()=>r.live.board.invitation),l=t(()=>f(c)?.source===f(i)&&f(c).curl?f(c).curl:`curl -X POST ${location.origin}/api/v1/sources/${f(i)}/test -H "authorization: Bearer $TOKEN"`);var u=ca(),p=d(u),m=a(p,!0),h=s(p,2);Ii(h,{get source(){return f(i)},get pass(){return r.live.session.pass},label:`Send a test`});var g=s(h,2);Pi(d(g),{get text(){return f(l)},get what(){return`curl line for ${r.widget.title??``}`}}),y(g),y(u),e(()=>F(m,oa[r.widget.type].appears)),S(n,u),v()}var ua=new class{#e=I(l(`Notification`in globalThis?Notification.permission:`denied`));get permission(){return f(this.#e)}set permission(e){m(this.#e,e,!0)}async ask(){`Notification`in globalThis&&(this.permission=await Notification.requestPermission())}say(e,t,n){if(this.permission===`granted`)try{new Notification(e,{body:t,tag:n,icon:`/favicon.svg`})}catch{}}},da={bell:[{at:0,hz:880,seconds:1.3,shape:`sine`,loud:.22},{at:0,hz:2217,seconds:.7,shape:`sine`,loud:.07}],chime:[523,659,784,1047].map((e,t)=>({at:t*.12,hz:e,seconds:.7,shape:`sine`,loud:.16})),coin:[{at:0,hz:988,seconds:.09,shape:`square`,loud:.06},{at:.09,hz:1319,seconds:.5,shape:`square`,loud:.06}],knock:[0,.17].map(e=>({at:e,hz:150,seconds:.12,shape:`triangle`,loud:.5})),alarm:[0,.36,.72].flatMap(e=>[{at:e,hz:740,seconds:.16,shape:`triangle`,loud:.25},{at:e+.17,hz:988,seconds:.16,shape:`triangle`,loud:.25}])},fa=500,pa=class{#e=I(!1);get isOff(){return f(this.#e)}set isOff(e){m(this.#e,e,!0)}#t=null;#n=new Map;prepare(){if(this.#t||!(`AudioContext`in globalThis))return;let e=new AudioContext;this.#t=e;let t=()=>this.isOff=e.state!==`running`;e.addEventListener(`statechange`,t),t();let n=()=>void this.turnOn();addEventListener(`pointerdown`,n,{once:!0}),addEventListener(`keydown`,n,{once:!0})}async turnOn(){await this.#t?.resume().catch(()=>void 0)}play(e){this.prepare();let t=this.#t,n=performance.now();if(!(!t||t.state!==`running`||n-(this.#n.get(e)??-1/0)<fa)){this.#n.set(e,n);for(let n of da[e])ma(t,n)}}};function ma(e,{at:t,hz:n,seconds:r,shape:i,loud:a}){let[o,s]=[e.currentTime+t,e.currentTime+t+r],[c,l]=[e.createOscillator(),e.createGain()];c.type=i,c.frequency.value=n,l.gain.setValueAtTime(1e-4,o),l.gain.exponentialRampToValueAtTime(a,o+.012),l.gain.exponentialRampToValueAtTime(1e-4,s),c.connect(l).connect(e.destination),c.start(o),c.stop(s+.05)}var ha=new pa,ga=250,_a=class{live;member;#e=I(null);get level(){return f(this.#e)}set level(e){m(this.#e,e)}#t=It;#n=-1/0;#r=0;constructor(e,t){this.live=e,this.member=t}look(e){let{live:t,member:n}=this,{widget:r}=n;if(r.levels.length===0||!(e-this.#r>=900)&&performance.now()-this.#n<ga)return;if(this.#n=performance.now(),this.#r=e,!(t.connection.is===`live`&&t.connection.catchingUp===0&&n.isReady)){this.#t=Lt(this.#t,[],!1).alarm;return}let i=Nr(n.folded,r,n.rangeMs,e),{alarm:a,fired:o}=Lt(this.#t,i,!0);this.#t=a,this.level=Ft(r.levels,i);for(let e of o){let n=r.levels[e];n?.sound&&ha.play(n.sound),n?.notifies&&ua.say(`${t.board.title}: ${r.title}`,ui(n,r.unit),`${t.board.name}/${r.id}`)}}},va=h(`<h2 class="svelte-15ywedi"> </h2>`),ya=h(`<span class="bad svelte-15ywedi"><!> </span>`),ba=h(`<span class="warn svelte-15ywedi" data-testid="as-of"> </span>`),xa=h(`<span data-testid="level"><!> <i class="svelte-15ywedi"> </i></span>`),Sa=h(`<span class="warn svelte-15ywedi" data-testid="missed"><!> </span>`),Ca=h(`<span class="warn svelte-15ywedi"><!>gateway lost touch</span>`),wa=h(`<span class="warn svelte-15ywedi" data-testid="stale"> </span>`),Ta=h(`<span class="window svelte-15ywedi"> </span>`),Ea=h(`<!> <!> <!>`,1),Da=h(`<button type="button" class="call svelte-15ywedi" data-testid="sound-off"><!>sound is off: turn on</button>`),Oa=h(`<button type="button" class="call ask svelte-15ywedi" data-testid="ask-notify"><!>notify me</button>`),ka=h(`<p class="refused svelte-15ywedi"><!><span class="svelte-15ywedi">Your token lacks the grant <code class="svelte-15ywedi"> </code></span></p>`),Aa=h(`<p class="refused svelte-15ywedi"><!><span class="svelte-15ywedi"> </span></p>`),ja=h(`<p class="dash svelte-15ywedi" aria-label="loading">–</p>`),Ma=h(`<section><header class="svelte-15ywedi"><!> <p class="trust svelte-15ywedi"><!> <!> <!></p></header> <div class="body svelte-15ywedi"><!></div></section>`);function Na(n,r){o(r,!0);let l={info:`info`,warn:`warning`,alert:`siren`},u=t(()=>r.member.widget),h=t(()=>oa[f(u).type]),g=I(null),x=t(()=>f(h).body??(f(g)?.row===f(h)?f(g).body:null)),T=t(()=>Math.max(r.live.now,r.member.shown.lastAt??0)),E=t(()=>hr(f(u),r.live.rangeMs).windowMs),D=t(()=>Mr(r.member.shown.gaps,f(T)-f(E))),k=t(()=>f(u).staleMs!==null&&r.member.shown.lastAt!==null&&f(T)-r.member.shown.lastAt>f(u).staleMs),ee=t(()=>r.live.connection.is===`live`&&r.live.connection.stale.includes(f(u).from.split(`/`)[0]??``)),A=t(()=>f(u).at),j=t(()=>c(f(A),4)),ne=t(()=>f(j)[0]),re=t(()=>f(j)[1]),ie=t(()=>f(j)[2]),N=t(()=>f(j)[3]),L=t(()=>f(u).from===``),R=t(()=>f(u).sound!==null||f(u).levels.some(({sound:e})=>e!==null)),z=t(()=>f(u).levels.some(({notifies:e})=>e)&&ua.permission==="default"),ae=t(()=>new _a(r.live,r.member)),B=t(()=>f(ae).level);O(()=>f(ae).look(f(T))),O(()=>{let e=f(h);e.body||e.load().then(t=>m(g,{row:e,body:t}),()=>void 0)}),O(()=>{f(R)&&ha.prepare()});var V=Ma();let H,oe;var se=d(V),ce=d(se),le=t=>{var n=va(),r=a(n,!0);e(()=>{M(n,`id`,`title-${f(u).id??``}`),F(r,f(u).title)}),S(t,n)};b(ce,e=>{f(u).title&&e(le)});var ue=s(ce,2),de=d(ue),fe=t=>{var n=ya(),i=d(n);X(i,{name:`key`});var a=s(i,1,!0);y(n),e(()=>F(a,r.member.refusal.code)),S(t,n)},pe=t=>{var n=ba(),i=a(n);e(e=>F(i,`as of ${e??``}`),[()=>ii(r.live.lostAt)]),S(t,n)},U=t=>{var n=Ea(),i=p(n),o=t=>{var n=xa(),r=d(n);X(r,{get name(){return l[f(B).level]}});var i=s(r,1,!0),o=s(i),c=a(o,!0);y(n),e((e,t)=>{C(n,1,`level ${f(B).level??``}`,`svelte-15ywedi`),M(n,`title`,e),F(i,f(B).level),F(c,t)},[()=>ui(f(B),f(u).unit),()=>ui(f(B),f(u).unit)]),S(t,n)};b(i,e=>{f(B)&&e(o)});var c=s(i,2),m=t=>{var n=Sa(),r=d(n);X(r,{name:`warning`});var i=s(r,1,!0);y(n),e(e=>F(i,e),[()=>pi(f(D).count)]),S(t,n)};b(c,e=>{f(D)&&e(m)});var g=s(c,2),v=e=>{var t=Ca();X(d(t),{name:`warning`}),_(),y(t),S(e,t)},x=t=>{var n=wa(),i=a(n);e(e=>F(i,`no event for ${e??``}`),[()=>Z(f(T)-r.member.shown.lastAt)]),S(t,n)},w=t=>{var n=Ta(),r=a(n);e(e=>F(r,`last ${e??``}`),[()=>Z(f(E))]),S(t,n)};b(g,e=>{f(ee)?e(v):f(k)&&r.member.shown.lastAt!==null?e(x,1):f(h).hasWindow&&!f(D)&&!f(B)&&e(w,2)}),S(t,n)};b(de,e=>{r.member.refusal?e(fe):r.live.isGrey&&r.live.lostAt!==null&&!f(L)?e(pe,1):f(L)||e(U,2)});var me=s(de,2),he=e=>{var t=Da();X(d(t),{name:`soundOff`}),_(),y(t),i(`click`,t,()=>ha.turnOn()),S(e,t)};b(me,e=>{f(R)&&ha.isOff&&e(he)});var ge=s(me,2),_e=e=>{var t=Oa();X(d(t),{name:`notify`}),_(),y(t),i(`click`,t,()=>ua.ask()),S(e,t)};b(ge,e=>{f(z)&&e(_e)}),y(ue),y(se);var ve=s(se,2),ye=d(ve),be=t=>{var n=ka(),r=d(n);X(r,{name:`ban`});var i=s(r),o=s(d(i)),c=a(o,!0);y(i),y(n),e(()=>F(c,f(u).from)),S(t,n)},xe=t=>{var n=Aa(),i=d(n);X(i,{name:`warning`});var o=s(i),c=a(o,!0);y(n),e(()=>F(c,r.member.refusal.message||r.member.refusal.code)),S(t,n)},Se=e=>{var n=P(),i=p(n);{let e=t(()=>f(B)?.level??null);w(i,()=>f(x),(t,n)=>{n(t,{get live(){return r.live},get member(){return r.member},get now(){return f(T)},get level(){return f(e)}})})}S(e,n)},Ce=e=>{la(e,{get live(){return r.live},get widget(){return f(u)}})},we=e=>{var t=ja();S(e,t)};b(ye,e=>{r.member.refusal?.code===`forbidden`?e(be):r.member.refusal?e(xe,1):f(x)&&(f(L)||r.member.shown.lastAt!==null||f(D))?e(Se,2):r.member.isReady&&!f(L)&&r.member.shown.lastAt===null?e(Ce,3):e(we,-1)}),y(ve),y(V),e(()=>{H=C(V,1,`tile ${f(u).type??``} ${f(B)?`level-${f(B).level}`:``}`,`svelte-15ywedi`,H,{grey:r.live.isGrey&&!f(L)}),M(V,`aria-label`,f(u).title||f(u).id),M(V,`data-testid`,`tile-${f(u).id??``}`),oe=te(V,``,oe,{"--column":f(ne)+1,"--line-at":f(re)+1,"--width":f(ie),"--height":f(N),"--tablet-width":r.tablet?.width??6,"--tablet-height":r.tablet?.height??f(N),"--phone-width":r.phone?.width??2,"--phone-height":r.phone?.height??f(N)})}),S(n,V),v()}g([`click`]);var Pa=h(`<li class="svelte-vzp868"><!> </li>`),Fa=h(`<ul class="mistakes svelte-vzp868" aria-label="Mistakes in the board"></ul>`),Ia=h(`<div><!> <main class="svelte-vzp868"><!> <!> <!> <div class="grid svelte-vzp868" data-testid="grid"></div></main></div>`);function La(n,r){o(r,!0);let i=t(()=>Math.max(1,...r.live.widgets.map(({widget:{at:e}})=>e[1]+e[3]))),a=t(()=>r.live.board.invitation?.curl?.startsWith(`curl `)??!1),c=t(()=>r.live.widgets.every(({isReady:e,shown:t})=>e&&t.lastAt===null)),l=t(()=>ei(r.live.board.widgets,6)),u=t(()=>ei(r.live.board.widgets,2));var p=Ia();let m;var h=d(p);Ai(h,{get live(){return r.live},get isKiosk(){return r.isKiosk},get onrange(){return r.onrange},get onkiosk(){return r.onkiosk}});var g=s(h,2),_=d(g),x=e=>{Ui(e,{get live(){return r.live}})};b(_,e=>{!r.isKiosk&&f(a)&&e(x)});var w=s(_,2),T=t=>{var n=Fa();A(n,20,()=>r.live.board.mistakes,e=>e,(t,n)=>{var r=Pa(),i=d(r);X(i,{name:`warning`});var a=s(i,1,!0);y(r),e(()=>F(a,n)),S(t,r)}),y(n),S(t,n)};b(w,e=>{r.live.board.mistakes.length>0&&e(T)});var E=s(w,2),D=e=>{Zi(e,{get live(){return r.live}})};b(E,e=>{r.isKiosk||f(a)||r.live.widgets.length!==0&&!f(c)||e(D)});var O=s(E,2);let k;A(O,23,()=>r.live.widgets,e=>e.widget.id,(e,t,n)=>{Na(e,{get live(){return r.live},get member(){return f(t)},get tablet(){return f(l)[f(n)]},get phone(){return f(u)[f(n)]}})}),y(O),y(g),y(p),e(()=>{m=C(p,1,`board svelte-vzp868`,null,m,{kiosk:r.isKiosk}),k=te(O,``,k,{"--rows":f(i)})}),S(n,p),v()}function Ra(e,n){o(n,!0);let r=I(0),i=t(()=>q.at.isKiosk?q.at.rotation:null),a=t(()=>f(i)?f(i).boards[f(r)%f(i).boards.length]??q.at.board:q.at.board),s=t(()=>q.at.rangeMs),c=I(null),l=I(null),u=I(null),d;async function h(e){clearTimeout(d);try{let t=On(await gt(e,await n.session.pass.token()));if(e!==f(a))return;m(u,null),m(c,t),document.title=`${t.title} · Hookcast`}catch(t){if(e!==f(a))return;m(u,t instanceof Error?t:Error(String(t))),t instanceof vt||(d=setTimeout(()=>h(e),3e3))}}O(()=>void h(f(a))),O(()=>{if(!f(c))return;let e=new zr(f(c),f(s)??f(c).rangeMs,n.session);return k(()=>e.start()),m(l,e),()=>e.stop()}),O(()=>{if(!f(i))return;let e=setInterval(()=>m(r,f(r)+1),f(i).everyMs);return()=>clearInterval(e)});function g(e){q.choose(`range`,e)}function _(){q.choose(`kiosk`,q.at.isKiosk?null:``)}O(()=>Y.add([...Nn.map(({label:e,name:t},n)=>({keys:String(n+1),title:`Range: ${t}`,group:`Board`,run:()=>g(e)})),{keys:`k`,title:`Kiosk: one screen, no controls`,group:`Board`,run:_}])),O(()=>{if(q.at.isKiosk)return Y.add([{keys:`Escape`,title:`Leave the kiosk`,group:`Board`,run:_}])}),ne(()=>()=>clearTimeout(d));var y=P(),x=p(y),C=e=>{var t=P(),n=p(t);T(n,()=>f(l),e=>{La(e,{get live(){return f(l)},get isKiosk(){return q.at.isKiosk},onrange:g,onkiosk:_})}),S(e,t)},w=e=>{Zr(e,{get trouble(){return f(u)}})};b(x,e=>{f(l)?e(C):e(w,-1)}),S(e,y),v()}var za=[{name:`board`,title:`Board`,key:`b`,icon:`board`,isForOperators:!1,load:async()=>Ra},{name:`events`,title:`Events`,key:`e`,icon:`events`,isForOperators:!0,load:async()=>(await G(async()=>{let{default:e}=await import(`./EventsScreen-BnFt952o.js`);return{default:e}},__vite__mapDeps([22,1,23,24]))).default},{name:`sources`,title:`Sources`,key:`s`,icon:`sources`,isForOperators:!0,load:async()=>(await G(async()=>{let{default:e}=await import(`./SourcesScreen-D9nFTGFJ.js`);return{default:e}},__vite__mapDeps([25,1,23,24]))).default},{name:`topics`,title:`Topics`,key:`t`,icon:`topics`,isForOperators:!0,load:async()=>(await G(async()=>{let{default:e}=await import(`./TopicsScreen-BRg2UMR9.js`);return{default:e}},__vite__mapDeps([26,1,23,24]))).default},{name:`connections`,title:`Connections`,key:`c`,icon:`connections`,isForOperators:!0,load:async()=>(await G(async()=>{let{default:e}=await import(`./ConnectionsScreen-CPSFqZ3F.js`);return{default:e}},__vite__mapDeps([27,1,23,24]))).default},{name:`health`,title:`Health`,key:`h`,icon:`health`,isForOperators:!0,load:async()=>(await G(async()=>{let{default:e}=await import(`./HealthScreen-pTczznGE.js`);return{default:e}},__vite__mapDeps([28,1,23,24]))).default}];function Ba(e){return za.find(({name:t})=>t===(e[0]??`board`))}var Va=h(`<span class="or svelte-eofadr">or</span>`),Ha=h(`<kbd class="hc-key"> </kbd>`),Ua=h(`<!> <!>`,1),Wa=h(`<div class="svelte-eofadr"><dt class="svelte-eofadr"></dt> <dd class="svelte-eofadr"> </dd></div>`),Ga=h(`<section class="svelte-eofadr"><h3 class="svelte-eofadr"> </h3> <dl class="svelte-eofadr"></dl></section>`),Ka=h(`<dialog class="hc-dialog svelte-eofadr" aria-labelledby="keys-title"><h2 id="keys-title" class="svelte-eofadr">Keys</h2> <div class="groups svelte-eofadr"><!> <section aria-label="Charts" class="svelte-eofadr"><h3 class="svelte-eofadr">On a chart</h3> <dl class="svelte-eofadr"><div class="svelte-eofadr"><dt class="svelte-eofadr"><kbd class="hc-key">←</kbd><kbd class="hc-key">→</kbd></dt> <dd class="svelte-eofadr">speaks its values, one by one</dd></div></dl></section></div> <button type="button" class="hc-button">Close</button></dialog>`);function qa(n,l){o(l,!0);let u=t(()=>Map.groupBy(Y.all.filter(({keys:e})=>e!==``),({group:e})=>e)),m={ArrowLeft:`←`,ArrowRight:`→`,ArrowUp:`↑`,ArrowDown:`↓`,Escape:`Esc`};function h(e){return e.split(`|`).map(e=>e.split(/[ +]/).map(e=>m[e]??e))}var g=Ka(),x=s(d(g),2),C=d(x);A(C,17,()=>f(u),([e,t])=>e,(n,r)=>{var i=t(()=>c(f(r),2));let o=()=>f(i)[0],l=()=>f(i)[1];var u=Ga(),m=d(u),g=a(m,!0),_=s(m,2);A(_,21,l,({keys:e,title:t})=>e,(t,n)=>{let r=()=>f(n).keys,i=()=>f(n).title;var o=Wa(),c=d(o);A(c,21,()=>h(r()),E,(t,n,r)=>{var i=Ua(),o=p(i),c=e=>{var t=Va();S(e,t)};b(o,e=>{r>0&&e(c)});var l=s(o,2);A(l,17,()=>f(n),E,(t,n)=>{var r=Ha(),i=a(r,!0);e(()=>F(i,f(n))),S(t,r)}),S(t,i)}),y(c);var l=s(c,2),u=a(l,!0);y(o),e(()=>F(u,i())),S(t,o)}),y(_),y(u),e(()=>{M(u,`aria-label`,o()),F(g,o())}),S(n,u)}),_(2),y(x);var w=s(x,2);y(g),re(g,()=>e=>{e.showModal()}),r(`close`,g,function(...e){l.onclose?.apply(this,e)}),i(`click`,g,e=>e.target===e.currentTarget&&l.onclose()),i(`click`,w,function(...e){l.onclose?.apply(this,e)}),S(n,g),v()}g([`click`]);var Ja=h(`<main class="notice svelte-hevgxk"><h1>There is no such page</h1> <p><a class="svelte-hevgxk">Open the first board</a></p></main>`);function Ya(t,n){o(n,!0);var r=Ja(),i=s(d(r),2),c=a(i);y(r),e(e=>M(c,`href`,e),[()=>J(`/`)]),S(t,r),v()}async function Xa(e){return Za(await mt(e,`/api/v1/boards`)).boards}function Za(e){let t=new Map(typeof e==`object`&&e?Object.entries(e):[]),n=t.get(`boards`),r=t.get(`saves_to`);return{boards:(Array.isArray(n)?n:[]).flatMap(e=>{let t=new Map(typeof e==`object`&&e?Object.entries(e):[]),[n,r,i]=[`name`,`title`,`from`].map(e=>t.get(e));return typeof n==`string`?[{name:n,title:typeof r==`string`?r:n,from:typeof i==`string`?i:``}]:[]}),savesTo:typeof r==`string`?r:null}}function Qa(e,t,n){let r=t.trim().toLowerCase();return r===``?[...e]:e.map(e=>({each:e,score:$a(n(e).toLowerCase(),r)})).filter(({score:e})=>e>0).sort((e,t)=>t.score-e.score).map(({each:e})=>e)}function $a(e,t){if(e.startsWith(t))return 4;if(e.includes(` ${t}`))return 3;if(e.includes(t))return 2;let n=0;for(let r of t)if(n=e.indexOf(r,n)+1,n===0)return 0;return 1}var eo=h(`<kbd class="hc-key"> </kbd>`),to=h(`<li role="option" class="svelte-pb31k6"><span class="title svelte-pb31k6"> </span> <span class="group svelte-pb31k6"> </span> <!></li>`),no=h(`<p role="status" class="svelte-pb31k6"> </p>`),ro=h(`<dialog class="hc-dialog palette svelte-pb31k6" aria-label="Find anything"><input type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="Find anything" placeholder="Find a screen, a board, an action…" autocomplete="off" spellcheck="false" class="svelte-pb31k6"/> <ul id="palette-list" role="listbox" aria-label="Found" class="svelte-pb31k6"></ul> <!></dialog>`);function io(n,c){o(c,!0);let l=I(``),u=I(0),p=I([]),h=t(()=>[...Y.all,...f(p)].toSorted((e,t)=>Number(t.group===`Go to`)-Number(e.group===`Go to`))),g=t(()=>Qa(f(h),f(l),({title:e,group:t})=>`${e} ${t}`).slice(0,12)),_=t(()=>Math.min(f(u),f(g).length-1));ne(async()=>{let e=await Xa(c.session.pass).catch(()=>[]);m(p,e.map(({name:e,title:t})=>({keys:``,title:t,group:`Board`,run:()=>q.go(`/board/${encodeURIComponent(e)}`)})))});function C(e){c.onclose(),e?.run()}function w(e){let t={ArrowDown:1,ArrowUp:-1}[e.key];if(t!==void 0&&f(g).length>0)m(u,(f(_)+t+f(g).length)%f(g).length);else if(e.key===`Enter`)C(f(g)[f(_)]);else return;e.preventDefault()}var T=ro(),O=d(T);x(O);var k=s(O,2);A(k,21,()=>f(g),E,(t,n,r)=>{var o=to();M(o,`id`,`palette-${r}`);var c=d(o),l=a(c,!0),p=s(c,2),h=a(p,!0),g=s(p,2),v=t=>{var r=eo(),i=a(r,!0);e(e=>F(i,e),[()=>f(n).keys.split(`|`)[0]]),S(t,r)};b(g,e=>{f(n).keys&&e(v)}),y(o),e(()=>{M(o,`aria-selected`,r===f(_)),F(l,f(n).title),F(h,f(n).group)}),i(`click`,o,()=>C(f(n))),i(`pointermove`,o,()=>m(u,r,!0)),S(t,o)}),y(k);var ee=s(k,2),j=t=>{var n=no(),r=a(n);e(()=>F(r,`Nothing is called “${f(l)??``}”.`)),S(t,n)};b(ee,e=>{f(g).length===0&&e(j)}),y(T),re(T,()=>e=>{e.showModal()}),e(()=>M(O,`aria-activedescendant`,f(g).length>0?`palette-${f(_)}`:void 0)),r(`close`,T,function(...e){c.onclose?.apply(this,e)}),i(`click`,T,e=>e.target===e.currentTarget&&c.onclose()),i(`input`,O,()=>m(u,0)),i(`keydown`,O,w),D(O,()=>f(l),e=>m(l,e)),S(n,T),v()}g([`click`,`input`,`keydown`,`pointermove`]);var ao=h(`<li class="svelte-doxzq7"><a class="svelte-doxzq7"><!> <span> </span></a></li>`),oo=h(`<nav aria-label="Screens" class="svelte-doxzq7"><a class="mark svelte-doxzq7" aria-label="Hookcast: the first board"><img src="/favicon.svg" alt="" width="30" height="30"/></a> <ul class="svelte-doxzq7"></ul> <button type="button" class="find svelte-doxzq7" title="Find anything (Ctrl K)"><!><span>Find</span></button></nav>`);function so(t,n){o(n,!0);var r=oo(),c=d(r),l=s(c,2);A(l,21,()=>za,e=>e.name,(t,r)=>{var i=ao(),o=d(i),c=d(o);X(c,{get name(){return f(r).icon}});var l=s(c,2),u=a(l,!0);y(o),y(i),e(e=>{M(o,`href`,e),M(o,`aria-current`,f(r)===n.current?`page`:void 0),M(o,`title`,`${f(r).title??``} (g ${f(r).key??``})`),F(u,f(r).title)},[()=>J(f(r).name===`board`?`/`:`/${f(r).name}`)]),S(t,i)}),y(l);var u=s(l,2);X(d(u),{name:`search`}),_(),y(u),y(r),e(e=>M(c,`href`,e),[()=>J(`/`)]),i(`click`,u,function(...e){n.onpalette?.apply(this,e)}),S(t,r),v()}g([`click`]);function co(){let e=null,t=!0,n=async()=>{t&&document.visibilityState===`visible`&&`wakeLock`in navigator&&(e=await navigator.wakeLock.request(`screen`).catch(()=>null),t||e?.release())};return document.addEventListener(`visibilitychange`,n),n(),()=>{t=!1,document.removeEventListener(`visibilitychange`,n),e?.release()}}var lo=h(`<div class="shell svelte-72c0c2"><!> <div><!></div></div> <!> <!>`,1);function uo(n,i){o(i,!0);let a=t(()=>q.at.token),c=t(()=>q.at.key),l=t(()=>q.at.isKiosk),h=t(()=>new Bn(new yt(f(a),f(c)),k(()=>f(l)))),g=t(()=>Ba(q.at.path)),_=I(null),x=I(null);O(()=>{let e=f(h);return k(()=>e.start()),()=>e.stop()}),O(()=>{let e=f(g);e?.load().then(t=>{e===f(g)&&m(_,t)})}),O(()=>{if(document.documentElement.dataset.kiosk=String(f(l)),document.documentElement.dataset.overlay=String(q.at.isOverlay),f(l))return co()}),O(()=>{f(g)&&f(g).name!==`board`&&(document.title=`${f(g).title} · Hookcast`)}),O(()=>Y.add([{keys:`?`,title:`The keys there are`,group:`Everywhere`,run:()=>m(x,`keys`)},{keys:`Ctrl+k`,title:`Find anything`,group:`Everywhere`,run:()=>m(x,`palette`)},{keys:`t`,title:`Theme: auto, light, dark`,group:`Everywhere`,run:()=>Si.next()}])),O(()=>{let e=za.filter(({isForOperators:e})=>f(h).isOperator||!e);return Y.add(e.map(({name:e,title:t,key:n})=>({keys:`g ${n}`,title:t,group:`Go to`,run:()=>q.go(e===`board`?`/`:`/${e}`)})))}),ne(()=>(document.addEventListener(`click`,In),()=>document.removeEventListener(`click`,In)));var E=lo();r(`keydown`,u,e=>Y.press(e)),r(`hashchange`,u,()=>q.follow()),r(`popstate`,u,()=>q.follow());var D=p(E),ee=d(D),A=e=>{so(e,{get current(){return f(g)},onpalette:()=>m(x,`palette`)})};b(ee,e=>{f(h).isOperator&&!f(l)&&e(A)});var j=s(ee,2);let te;var re=d(j),ie=e=>{var t=P(),n=p(t);T(n,()=>f(h),e=>{var t=P(),n=p(t);w(n,()=>f(_),(e,t)=>{t(e,{get session(){return f(h)}})}),S(e,t)}),S(e,t)},N=e=>{Ya(e,{})};b(re,e=>{f(g)&&f(_)?e(ie):f(g)||e(N,1)}),y(j),y(D);var F=s(D,2),L=e=>{qa(e,{onclose:()=>m(x,null)})};b(F,e=>{f(x)===`keys`&&e(L)});var R=s(F,2),z=e=>{io(e,{get session(){return f(h)},onclose:()=>m(x,null)})};b(R,e=>{f(x)===`palette`&&e(z)}),e(()=>{te=C(j,1,`screen svelte-72c0c2`,null,te,{railed:f(h).isOperator&&!f(l)}),M(j,`data-testid`,`screen-${f(g)?.name??`none`??``}`)}),S(n,E),v()}var fo=`hookcast.reloaded`,po=2e3,mo=6e4;function ho(){addEventListener(`vite:preloadError`,e=>{let t=Number(sessionStorage.getItem(fo)??0);Date.now()-t<mo||(e.preventDefault(),sessionStorage.setItem(fo,String(Date.now())),go())})}async function go(){for(;;){if((await fetch(`/livez`,{signal:AbortSignal.timeout(po)}).catch(()=>null))?.ok)return location.reload();await new Promise(e=>setTimeout(e,po))}}ho();var _o=document.getElementById(`app`);_o&&ie(uo,{target:_o});export{Ie as A,en as C,G as D,Nt as E,De as M,Ve as O,Zt as S,Ot as T,br as _,ai as a,Qn as b,pi as c,di as d,X as f,xr as g,hr as h,gi as i,Re as j,Be as k,ci as l,lr as m,wi as n,ii as o,Er as p,Si as r,fi as s,ha as t,Z as u,vr as v,$t as w,Un as x,rr as y};