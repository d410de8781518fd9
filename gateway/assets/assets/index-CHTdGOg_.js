const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/LineWidget-CbL6fLVm.js","assets/disclose-version-B9Wy94qn.js","assets/colours-Bmjyi9es.js","assets/LineWidget-BSR6LD3n.css","assets/FeedWidget-Bx24TyKB.js","assets/FeedWidget-DlFa82es.css","assets/BarWidget-nD0PM-iI.js","assets/BarWidget-CatPdtw4.css","assets/TableWidget-DxQsvixn.js","assets/TableWidget-CDEgg9V9.css","assets/GaugeWidget-CZD_7Pbd.js","assets/GaugeWidget-DKpM4hHW.css","assets/StatusWidget-CsPTl91o.js","assets/StatusWidget-B4Fs6aj1.css","assets/HeatmapWidget-8ZP9sUpA.js","assets/HeatmapWidget-B9DAN3u5.css","assets/AlertWidget-RlrkU470.js","assets/AlertWidget-DM3sG4jW.css","assets/TextWidget-DI7vJJRr.js","assets/TextWidget-Cm_U3SZa.css","assets/ClockWidget-C8GMOCMH.js","assets/ClockWidget-Bc9MKU_V.css","assets/EventsScreen-ayg9JVmV.js","assets/pointer-BcYcUKq0.js","assets/ScreenHeader-B3rvgL5P.js","assets/ScreenHeader-CVoK2Sse.css","assets/EventsScreen-Clxgrefw.css","assets/SourcesScreen-DHGe8hbn.js","assets/TopicsScreen-B1KZQ5v-.js","assets/ConnectionsScreen-D4yWNWR8.js","assets/HealthScreen-CJZL_Yls.js"])))=>i.map(i=>d[i]);
import{$ as e,A as t,B as n,C as r,D as i,E as a,F as o,G as s,H as c,L as l,M as u,N as d,O as f,Q as p,R as m,S as h,T as g,U as _,V as v,W as y,X as b,Y as x,_ as S,at as C,b as w,c as T,d as E,f as D,j as O,k,l as A,m as ee,n as te,nt as j,o as M,p as ne,q as N,r as P,rt as F,w as I,x as re,y as L}from"./disclose-version-B9Wy94qn.js";import{n as R,r as z,t as B}from"./keyed-CON7DrhL.js";import{a as ie,i as ae,n as V,o as H,r as U,t as oe}from"./pointer-BcYcUKq0.js";var se=500,ce=2e4,le=3e5;function ue(e,t,n){let r=Math.min(ce,se*2**Math.min(e,16));return Math.round(Math.min(le,n)+t*r)}function de(e){return e>=4500&&e<=4999}function fe(e){return e!==null&&(e>=4e3||e===1001||e===1012||e===1013)}var W=class extends Error{code;closeCode;constructor(e,t,n=null){super(t),this.code=e,this.closeCode=n,this.name=`HookcastError`}},pe=class extends Error{},me=1e3;async function*he(e,t){let n=[],r=null,i=null,a=()=>void 0,o=e=>{let t=n.length>=me?n.shift():void 0;t&&(r=ge(r,t)),n.push(e),a()},s=e({event:o,gap:o,error(e){i=e,a()}}),c=()=>a();t?.addEventListener(`abort`,c);try{for(;!t?.aborted;){let e=r??n.shift();if(r=null,e)yield e;else if(i)throw i;else await new Promise(e=>a=e)}}finally{t?.removeEventListener(`abort`,c),s()}}function ge(e,t){let n=`offset`in t?t.offset:t.from,r=`offset`in t?t.offset:t.to;return{stream:t.stream,from:e?e.from:n,to:r,reason:`client`}}function _e(e){let t=Ee(e);switch(t.type){case`welcome`:return{type:`welcome`,heartbeatMs:Oe(t.heartbeat_ms)??25e3,build:G(t.build)??``,time:ke(t.time),expires:ke(t.expires)};case`subscribed`:case`live`:return Ce(t.type,t);case`events`:return Array.isArray(t.events)?{type:`events`,id:G(t.id),events:t.events.flatMap(Te)}:null;case`gap`:return we(t);case`positions`:return{type:`positions`,positions:Ae(t.positions),time:ke(t.time)};case`unsubscribed`:return{type:`unsubscribed`,id:G(t.id)??``,code:G(t.code)};case`error`:return{type:`error`,id:G(t.id),code:G(t.code)??`unknown`,message:G(t.message)??``};case`pong`:return{type:`pong`};default:return null}}function ve(e){return JSON.stringify({type:`auth`,token:e})}function ye(e,t,n,r){let i=typeof n==`object`&&`ageMs`in n?{age_ms:n.ageMs}:n;return JSON.stringify({type:`subscribe`,id:e,pattern:t,since:i,mode:r===void 0?void 0:{latest_ms:r}})}function be(e){return JSON.stringify({type:`unsubscribe`,id:e})}function xe(){return JSON.stringify({type:`ping`})}function Se(e){return Math.max(0,Oe(Ee(e).retry_ms)??0)}function Ce(e,t){let n=G(t.id),r=G(t.position);return n===null||r===null?null:{type:e,id:n,position:r}}function we(e){let t=G(e.stream);return t===null?null:{type:`gap`,id:G(e.id),stream:t,reason:G(e.reason)??`epoch`,from:Oe(e.from),to:Oe(e.to),position:G(e.position)}}function Te(e){if(!De(e))return[];let t=Oe(e.offset),n=G(e.topic),r=e.event;return t===null||n===null||!De(r)?[]:[{offset:t,topic:n,event:r,skipped:Oe(e.skipped)}]}function Ee(e){if(typeof e!=`string`)return De(e)?e:{};try{let t=JSON.parse(e);return De(t)?t:{}}catch{return{}}}function De(e){return typeof e==`object`&&!!e&&!Array.isArray(e)}function G(e){return typeof e==`string`?e:null}function Oe(e){return Number.isSafeInteger(e)?e:null}function ke(e){let t=typeof e==`string`?Date.parse(e):NaN;return Number.isNaN(t)?null:t}function Ae(e){let t=De(e)?Object.entries(e):[];return new Map(t.filter(e=>typeof e[1]==`string`))}var je=5e3,Me=1e4,Ne=2e3,Pe={1006:`no connection to the gateway: does it run, and does it list this page's origin? (1006)`,4e3:`the token has ended (4000)`,4501:`the gateway does not take this token (4501)`};function Fe(e,t){return new URL(e.replace(/^ws/,`http`).replace(/[^/]*$/,t))}function Ie(e){return fetch(Fe(e,`livez`),{mode:`no-cors`,signal:AbortSignal.timeout(Ne)}).then(()=>!0,()=>!1)}function Le(e){return(t,n)=>{let r=new e(t,`hookcast.v1`);return r.onopen=()=>n.open(),r.onmessage=({data:e})=>typeof e==`string`&&n.frame(e),r.onclose=({code:e,reason:t})=>n.end(e,t),r.onerror=()=>void 0,{send:e=>r.readyState===1&&r.send(e),close:()=>r.close(1e3)}}}var Re=class{events;isWelcome=!1;#e;#t;#n=je;#r=!1;constructor(e,t,n,r){this.events=r,this.#a(je,`no welcome from the gateway within 5 s`);try{this.#e=e(t,{open:()=>{this.#r||(n!==null&&this.send(ve(n)),r.open().forEach(e=>this.send(e)))},frame:e=>this.#i(e),end:(e,t)=>this.#o(new W(`closed`,Pe[e]??`the gateway closed the connection (${e})`,e),t)})}catch(e){throw clearTimeout(this.#t),e}}send(e){this.#e.send(e)}expectWithin(e){this.#a(e,`no answer within ${e/1e3} s`)}drop(){this.#r=!0,clearTimeout(this.#t),this.#e.close()}#i(e){if(this.#r)return;let t=_e(e);t?.type===`welcome`&&(this.isWelcome=!0,this.#n=t.heartbeatMs+Me),this.isWelcome&&this.#a(this.#n,`the gateway fell silent`),t&&this.events.message(t)}#a(e,t){clearTimeout(this.#t),this.#t=setTimeout(()=>this.#o(new W(`timeout`,t),``),e)}#o(e,t){this.#r||(this.drop(),this.events.end(e,t))}};function ze(e){let t=e.indexOf(`/`);return t<0?e:e.slice(0,t)}function Be(e,t){let n=e.split(`/`),r=t.split(`/`);for(let[e,t]of n.entries()){if(t===`**`&&e===n.length-1)return r.length>e;if(e>=r.length||t!==`*`&&t!==r[e])return!1}return n.length===r.length}function Ve(e){try{e()}catch(e){queueMicrotask(()=>{throw e})}}var He=4096,Ue=class{id;pattern;listener;since;latestMs;stream;phase=`asked`;pace;refusals=0;#e=null;#t=0;#n=new Set;#r=0;constructor(e,t,n,r,i){this.id=e,this.pattern=t,this.listener=n,this.since=r,this.latestMs=i,this.stream=ze(t)}get position(){return this.#e===null?null:`${this.#e}:${this.#t}`}get offset(){return this.#t}get resumesFrom(){let e=this.position;return e===null?this.since:{position:e}}begins(e){this.phase=`catching`,this.refusals=0,this.moves(e)}goesLive(e){this.moves(e),this.phase=`live`}hasAllTo(e){this.phase===`live`&&e.startsWith(`${this.#e}:`)&&this.moves(e)}moves(e){let t=e.lastIndexOf(`:`),n=e.slice(0,t),r=Number(e.slice(t+1));t<1||!Number.isSafeInteger(r)||(this.#t=n===this.#e?Math.max(this.#t,r):r,this.#e=n)}takes(e,t){for(let n of e){if(!(t||this.phase===`live`&&this.latestMs===void 0&&Be(this.pattern,n.topic))||n.offset<=this.#t||this.phase===`ended`||(this.#t=n.offset,this.#i(n.event)))continue;let e=t&&this.phase!==`live`,{topic:r,offset:i,event:a,skipped:o}=n;Ve(()=>this.listener.event({topic:r,stream:this.stream,offset:i,event:a,replayed:e,skipped:o}))}}misses(e,t){e.reason===`epoch`&&(this.#r=He),t!==null&&this.moves(t),Ve(()=>this.listener.gap?.(e))}losesPlace(){this.#e=null,this.#t=0,this.since=`now`,this.misses({stream:this.stream,from:null,to:null,reason:`epoch`},null)}#i(e){let t=JSON.stringify([e.source,e.id]),n=this.#r>0&&this.#n.has(t);if(this.#r>0&&--this.#r,this.#n.delete(t),this.#n.add(t),this.#n.size>He)for(let e of this.#n){this.#n.delete(e);break}return n}},We=class{#e=new Map;after(e,t,n){this.clear(e),this.#e.set(e,setTimeout(()=>{this.#e.delete(e),n()},t))}clear(e){clearTimeout(this.#e.get(e)),this.#e.delete(e)}clearAll(){for(let e of[...this.#e.keys()])this.clear(e)}},Ge=5e3;function Ke(){let{document:e}=globalThis,t=Date.now();return{hiddenMs:()=>e?.visibilityState===`hidden`?Date.now()-t:null,listen(n){let r=new AbortController,i=(e,t,i)=>e?.addEventListener?.(t,()=>n(i()),{signal:r.signal});for(let e of[`pageshow`,`focus`])i(globalThis,e,()=>`wake`);i(globalThis,`online`,()=>`online`),i(globalThis,`offline`,()=>`offline`),i(globalThis,`pagehide`,()=>`leave`),i(e,`resume`,()=>`wake`),i(e,`visibilitychange`,()=>(t=Date.now(),e.visibilityState===`hidden`?`hide`:`wake`));let a=Date.now(),o=setInterval(()=>{Date.now()-a>3*Ge&&n(`wake`),a=Date.now()},Ge);return t=a,()=>{r.abort(),clearInterval(o)}}}}var qe=(function(){let e=typeof document<`u`&&document.createElement(`link`).relList;return e&&e.supports&&e.supports(`modulepreload`)?`modulepreload`:`preload`})(),Je=function(e){return`/`+e},Ye={},Xe=function(e){return e.pathname.endsWith(`.css`)},Ze=function(e,t,n){if(t in e)return e[t];let r=n();if(!r){e[t]=void 0;return}let i=r.then(()=>{e[t]=void 0},n=>{throw e[t]=void 0,n});return e[t]=i,i},K=function(e,t,n){let r=Promise.resolve();if(t&&t.length>0){let e,i=document.querySelector(`meta[property=csp-nonce]`),a=i?.nonce||i?.getAttribute(`nonce`);function o(e){return Promise.all(e.map(e=>Promise.resolve(e).then(e=>({status:`fulfilled`,value:e}),e=>({status:`rejected`,reason:e}))))}function s(e){return import.meta.resolve?new URL(import.meta.resolve(e)):new URL(e,import.meta.url)}r=o(t.map(t=>{t=Je(t,n);let r=s(t),i=Xe(r);return Ze(Ye,r.href,()=>{if(e===void 0){e={all:new Set,styles:new Set};let t=document.getElementsByTagName(`link`);for(let n=t.length-1;n>=0;n--){let r=t[n];e.all.add(r.href),r.rel===`stylesheet`&&e.styles.add(r.href)}}if((i?e.styles:e.all).has(r.href))return;let t=document.createElement(`link`);if(t.rel=i?`stylesheet`:qe,i||(t.as=`script`),t.crossOrigin=``,t.href=r.href,a&&t.setAttribute(`nonce`,a),document.head.appendChild(t),i)return new Promise((e,n)=>{let i=a=>{t.removeEventListener(`load`,i),t.removeEventListener(`error`,i),a.type===`error`?n(Error(`Unable to preload CSS for ${r}`)):e(a)};t.addEventListener(`load`,i),t.addEventListener(`error`,i)})})}).filter(e=>e!==void 0))}function i(e){let t=new Event(`vite:preloadError`,{cancelable:!0});if(t.payload=e,window.dispatchEvent(t),!t.defaultPrevented)throw e}return r.then(t=>{for(let e of t||[])e.status===`rejected`&&i(e.reason);return e().catch(i)})},Qe=1e4,$e=1e4,et=2e3,tt=2e4,nt=5e3,rt=3e4,it=2e3,at=.8,ot=1e3,st=2,ct=new Set([`unavailable`,`rate_limited`]),lt=class{options;host;#e={is:`idle`};#t=new Set;#n=new Map;#r=1;#i=null;#a=`ws`;#o=0;#s=0;#c=``;#l=0;#u=new We;#d=null;#f=!1;#p=[];#m=null;#h=null;constructor(e,t=Ke()){this.options=e,this.host=t}get state(){return this.#e}onState(e){let t=t=>e(t);return this.#t.add(t),()=>void this.#t.delete(t)}subscribe(e,t,n={}){let r=String(this.#r++),i=new Ue(r,e,t,n.since??`now`,n.latestMs);return this.#n.set(r,i),this.#u.clear(`linger`),this.#e.is===`idle`?this.#_():this.#R(i),this.#V(),()=>this.#g(i)}events(e,t={}){return he(n=>{let r=this.subscribe(e,n,t),i=this.onState(e=>e.is===`closed`&&e.cause&&n.error?.(e.cause));return()=>(i(),r())},t.signal)}positions(){let e=new Map;for(let t of this.#n.values()){let n=e.get(t.stream);t.position!==null&&(!n||t.offset<n.offset)&&e.set(t.stream,t)}return Object.fromEntries([...e].map(([e,{position:t}])=>[e,t??``]))}now(){return this.#h===null?Date.now():Math.round(performance.now()+this.#h)}open(){this.#e.is===`closed`&&(this.#o=this.#s=0,this.#n.size>0?this.#_():this.#U({is:`idle`}))}close(){this.#E({is:`closed`})}#g(e){this.#n.delete(e.id)&&(this.#u.clear(`ask ${e.id}`),e.phase!==`ended`&&this.#i?.send(be(e.id)),e.phase=`ended`,this.#V(),this.#n.size===0&&this.#e.is!==`closed`&&this.#u.after(`linger`,nt,()=>this.#E({is:`idle`})))}#_(){if(this.#u.clear(`retry`),this.#d??=this.host.listen(e=>this.#D(e)),this.options.whenHidden!==`keep`&&(this.host.hiddenMs()??0)>rt)return this.#T(`hidden`);let e=++this.#l;this.#U({is:`connecting`,attempt:this.#o}),this.#u.after(`dial`,$e,()=>this.#S(new W(`timeout`,`url or token did not come within 10 s`),``)),this.#v().then(t=>e===this.#l&&this.#b(...t),t=>e===this.#l&&this.#x(t))}async#v(){let{url:e,getToken:t}=this.options,n=new URL(typeof e==`string`?e:await e(),globalThis.location?.href);return n.protocol=n.protocol.replace(`http`,`ws`),n.pathname===`/`&&(n.pathname=`/ws`),[n,await t?.(`connect`)??null,await this.#y(n)]}async#y(e){let{transport:t,shared:n,WebSocket:r}=this.options;if(this.#c=e.href,t===`sse`||this.#s>=st){let{overSse:e}=await K(async()=>{let{overSse:e}=await import(`./sse-DmBsEyVN.js`);return{overSse:e}},[]);return this.#a=`sse`,e}return this.#a=`ws`,n&&typeof SharedWorker==`function`?(await K(async()=>{let{overShared:e}=await import(`./shared-DDUBgFYk.js`);return{overShared:e}},[])).overShared(n):Le(r??WebSocket)}#b(e,t,n){this.#u.clear(`dial`);for(let e of this.#n.values())e.phase!==`ended`&&(e.phase=`asked`);try{this.#i=new Re(n,e.href,t,{open:()=>[...this.#n.values()].filter(e=>e.phase!==`ended`).map(e=>this.#z(e)),message:e=>this.#j(e),end:(e,t)=>this.#S(e,t)})}catch(e){this.#x(e)}}#x(e){e instanceof pe?this.#E({is:`closed`,cause:new W(`token`,String(e))}):e instanceof ReferenceError?this.#E({is:`closed`,cause:new W(`network`,String(e))}):this.#S(new W(`network`,String(e)),``)}#S(e,t){if(this.#i&&!this.#i.isWelcome&&!fe(e.closeCode)&&this.#C(),this.#w(),e.closeCode!==null&&de(e.closeCode))return this.#E({is:`closed`,cause:e});let n=this.#f?tt:ue(this.#o,Math.random(),Se(t));this.#o+=1,this.#U(this.#f?{is:`suspended`,why:`offline`}:{is:`waiting`,until:Date.now()+n,cause:e}),this.#u.after(`retry`,n,()=>this.#_())}#C(){this.options.transport!==`ws`&&this.#a!==`sse`&&Ie(this.#c).then(e=>e&&(this.#s+=1))}#w(){this.#l+=1;for(let e of[`dial`,`stable`,`refresh`])this.#u.clear(e);this.#i?.drop(),this.#i=null,this.#p=[]}#T(e){this.#w(),this.#u.clear(`retry`),this.#U({is:`suspended`,why:e})}#E(e){this.#w(),this.#u.clearAll(),this.#d?.(),this.#d=null,this.#U(e)}#D(e){let{is:t}=this.#e;if(e===`hide`)return this.#O();if(this.#f=e===`offline`,e===`leave`)return this.#T(`hidden`);this.host.hiddenMs()===null&&this.#u.clear(`hidden`),e===`online`&&(this.#s=0),t===`live`?(this.#k(),this.#i?.send(xe()),this.#i?.expectWithin(et)):e===`offline`?t===`waiting`&&this.#U({is:`suspended`,why:`offline`}):(t===`waiting`||t===`suspended`)&&this.#_()}#O(){this.#k(),this.options.whenHidden===`close`&&this.#u.after(`hidden`,rt,()=>this.#T(`hidden`))}#k(){for(let e of this.#n.values())e.phase!==`ended`&&e.latestMs!==void 0&&e.pace!==this.#A(e)&&this.#R(e)}#A({latestMs:e}){let t=(this.options.whenHidden??`slow`)===`slow`&&this.host.hiddenMs()!==null;return e!==void 0&&t?Math.max(it,e):e}#j(e){switch(e.type){case`welcome`:this.#H(e.time),this.#M(e.expires);break;case`events`:for(let t of this.#F(e.id))t.takes(e.events,e.id!==null);break;case`gap`:{let{stream:t,from:n,to:r,reason:i,position:a}=e;for(let o of this.#F(e.id))(e.id!==null||o.phase===`live`&&o.stream===t)&&o.misses({stream:t,from:n,to:r,reason:i},a);break}case`positions`:this.#H(e.time),this.#I(e.positions);break;case`subscribed`:this.#n.get(e.id)?.begins(e.position);break;case`live`:{let t=this.#n.get(e.id);t?.goesLive(e.position),Ve(()=>t?.listener.ready?.(this.positions()));break}case`unsubscribed`:this.#L(e.id,e.code??`unsubscribed`,`the gateway ended this subscription`);break;case`error`:e.id!==null&&this.#L(e.id,e.code,e.message)}this.#V()}#M(e){this.#s=0,this.#e.is!==`live`&&(this.#u.after(`stable`,Qe,()=>this.#o=0),this.#U({is:`live`,via:this.#a,catchingUp:this.#B(),stale:this.#p})),this.#m=e,this.#N()}#N(){let e=(this.#m??0)-this.now();e>0&&this.options.getToken&&this.#u.after(`refresh`,Math.max(ot,e*at),()=>void this.#P())}async#P(){let e=this.#l;this.#N();try{let t=await this.options.getToken?.(`refresh`);t&&e===this.#l&&this.#i?.send(ve(t))}catch(t){e===this.#l&&t instanceof pe&&this.#x(t)}}#F(e){if(e===null)return[...this.#n.values()];let t=this.#n.get(e);return t?[t]:[]}#I(e){let t=new Set;for(let n of this.#n.values()){let r=e.get(n.stream);r===void 0?n.phase===`live`&&t.add(n.stream):n.hasAllTo(r)}this.#p=[...t]}#L(e,t,n){let r=this.#n.get(e);r&&r.phase!==`ended`&&(t===`bad_position`&&r.position!==null?(r.losesPlace(),this.#R(r)):ct.has(t)?(r.phase=`asked`,this.#u.after(`ask ${e}`,ue(r.refusals++,Math.random(),500),()=>this.#R(r))):t!==`unknown_id`&&(r.phase=`ended`,Ve(()=>r.listener.error?.(new W(t,n)))))}#R(e){this.#i?.send(this.#z(e))}#z(e){return e.pace=this.#A(e),ye(e.id,e.pattern,e.resumesFrom,e.pace)}#B(){return[...this.#n.values()].filter(({phase:e})=>e===`asked`||e===`catching`).length}#V(){this.#e.is===`live`&&this.#U({is:`live`,via:this.#a,catchingUp:this.#B(),stale:this.#p})}#H(e){e!==null&&(this.#h=e-performance.now())}#U(e){if(JSON.stringify(e)!==JSON.stringify(this.#e)){this.#e=e;for(let t of[...this.#t])Ve(()=>t(e))}}};function ut(e){return new lt(e)}var dt=8e3,ft=3e4;async function pt(e,t,n={}){let r=await bt(t,n,await e.token());if(r.ok)return r.status===204?null:r.json();let i=await r.json().catch(()=>null);throw r.status===401?new vt(St(i,r.status)):new ht(r.status,Ct(i,`code`)??``,St(i,r.status),i)}function mt(e,t){return t===void 0?{method:e}:{method:e,body:JSON.stringify(t),headers:{"content-type":`application/json`}}}var ht=class extends Error{status;code;detail;body;constructor(e,t,n,r){super(n),this.status=e,this.code=t,this.detail=n,this.body=r}};async function gt(e,t){let n=await bt(`/api/v1/boards/${encodeURIComponent(e)}`,{method:`GET`},t);if(n.ok)return n.json();throw n.status===404?Error(`there is no board called “${e}”`):n.status===401||n.status===403?new vt:Error(await xt(n))}async function _t(e,t){let n=await bt(`/api/v1/sources/${encodeURIComponent(e)}/test`,{method:`POST`},t);if(!n.ok)throw Error(await xt(n));let r=await n.json();return typeof r==`object`&&r&&`outcome`in r?String(r.outcome):`accepted`}var vt=class extends pe{},yt=class{given;key;#e;#t=0;constructor(e,t){this.given=e,this.key=t,this.#e=e}async token(){return performance.now()<this.#t?this.#e:this.renew()}async renew(){if(this.key===null)return this.#e;let e=performance.now(),t=await bt(`/api/v1/links/token`,{method:`POST`,body:JSON.stringify({key:this.key}),headers:{"content-type":`application/json`}},null);if(t.status===401)throw new vt(await xt(t));if(!t.ok)throw Error(await xt(t));let n=await t.json();if(typeof n!=`object`||!n||!(`token`in n)||typeof n.token!=`string`)throw Error(`the gateway sent no token`);let r=`expires_in_s`in n&&typeof n.expires_in_s==`number`?n.expires_in_s*1e3:0;return this.#t=e+r-ft,this.#e=n.token,this.#e}};function bt(e,t,n){let r=new Headers(t.headers);return n!==null&&r.set(`authorization`,`Bearer ${n}`),fetch(e,{...t,headers:r,signal:AbortSignal.timeout(dt)})}async function xt(e){return St(await e.json().catch(()=>null),e.status)}function St(e,t){return Ct(e,`detail`)??Ct(e,`title`)??`the gateway answered ${t}`}function Ct(e,t){let n=typeof e==`object`&&e?new Map(Object.entries(e)).get(t):null;return typeof n==`string`?n:null}function wt(e){let t=typeof e==`string`?/^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(e.trim()):null,n=t&&{ms:1,s:1e3,m:6e4,h:36e5,d:864e5}[t[2]??``];return t&&n?Number(t[1])*n:null}var q=class{name;mistakes;#e;constructor(e,t,n){this.name=t,this.mistakes=n,this.#e=new Map(typeof e==`object`&&e?Object.entries(e):[])}get(e){return this.#e.get(e)}names(){return[...this.#e.keys()]}mistake(e,t){let n=this.get(e);this.mistakes.push(`${this.name}: \`${e}\` should be ${t}${n===void 0?``:`, not ${Tt(n)}`}`)}text(e,t){let n=this.get(e)??t;return typeof n==`string`?n:(this.mistake(e,`text`),t)}number(e,t){let n=this.get(e)??t;return typeof n==`number`&&Number.isFinite(n)?n:(this.mistake(e,`a number`),t)}numberOr(e){return this.get(e)===void 0?null:this.number(e,0)}flag(e,t){let n=this.get(e)??t;return typeof n==`boolean`?n:(this.mistake(e,`true or false`),t)}count(e,t,n){let r=this.number(e,t);return Number.isInteger(r)&&r>=0&&r<=n?r:(this.mistake(e,`a whole number up to ${n}`),t)}duration(e){if(this.get(e)===void 0)return null;let t=wt(this.get(e));return(t===null||t<=0)&&this.mistake(e,`a duration such as "15m"`),t}choice(e,t,n){let r=this.get(e)??n,i=t.find(e=>e===r);return i===void 0&&this.mistake(e,`one of ${t.join(`, `)}`),i??n}list(e){let t=this.get(e)??[];return Array.isArray(t)?t:(this.mistake(e,`a list`),[])}pointer(e,t){let n=this.text(e,t);return n!==``&&!n.startsWith(`/`)&&this.mistake(e,`a pointer such as "/data/name"`),n}conditions(e){return this.list(e).flatMap(t=>{let[n,r,i]=Array.isArray(t)?t:[],a=oe.find(e=>e===r);return typeof n==`string`&&a?[{pointer:n,operator:a,operand:i}]:(this.mistake(e,`conditions such as ["/data/test", "!=", true]`),[])})}};function Tt(e){let t=JSON.stringify(e)??String(e);return t.length>120?`${t.slice(0,119)}…`:t}var Et=[`bell`,`chime`,`coin`,`knock`,`alarm`];function Dt(e){let t=e.get(`sound`);if(t===void 0||t===!1)return null;if(t===!0)return`bell`;let n=Et.find(e=>e===t);return n||e.mistake(`sound`,`one of ${Et.join(`, `)}, or true for a bell`),n??null}var Ot=[`info`,`warn`,`alert`],kt=8,At=864e5,jt=60;function Mt(e){let t=e.list(`levels`);return t.length>kt&&e.mistake(`levels`,`at most ${kt} levels`),t.slice(0,kt).map((t,n)=>{let r=new q(t,`${e.name}, level ${n+1}`,e.mistakes),i={above:r.numberOr(`above`),below:r.numberOr(`below`),equals:r.numberOr(`equals`),forMs:Math.min(At,r.duration(`for`)??0),level:r.choice(`level`,Ot,`warn`),sound:Dt(r),notifies:r.flag(`notify`,!1)};i.above===null&&i.below===null&&i.equals===null&&r.mistake(`above`,"a number, or `below` or `equals` one");for(let t of r.names())[`above`,`below`,`equals`,`for`,`level`,`sound`,`notify`].includes(t)||e.mistakes.push(`${r.name}: \`${t.slice(0,80)}\` is no key of a level`);return i})}function Nt({above:e,below:t,equals:n},r,i){return r===null||e!==null&&!(r>e)||t!==null&&(i||!(r<t))?!1:n===null||!i&&r===n}function Pt(e,t,n,r,i){let a=Math.max(n,e.forMs/jt,1),o=null;for(let n=r;n>=r-e.forMs;n-=a){let r=t(n).map(t=>Nt(e,t,i));if(o=o===null?r:o.map((e,t)=>e&&r[t]===!0),!o.includes(!0))return!1}return!0}function Ft(e,t){let n=null;for(let[r,i]of e.entries())t[r]&&(!n||Ot.indexOf(i.level)>Ot.indexOf(n.level))&&(n=i);return n}var It={isArmed:!1,holding:[]};function Lt(e,t,n){if(!n)return{alarm:{isArmed:!1,holding:e.holding},fired:[]};if(!e.isArmed)return{alarm:{isArmed:!0,holding:t},fired:[]};let r=t.flatMap((t,n)=>t&&e.holding[n]!==!0?[n]:[]);return{alarm:{isArmed:!0,holding:t},fired:r}}var Rt=1e3,zt=256,Bt=1.02,Vt=Math.log(Bt),Ht=4e4;function Ut(e){return e===`distinct`?{is:`different`,seen:B.of()}:e===`p50`||e===`p95`?{is:`spread`,bins:B.of()}:null}function Wt(e,t,n){if(e.is===`different`)return e.seen.size>=1e3||e.seen.has(n)?e:{is:`different`,seen:e.seen.set(n,!0)};let{bins:r}=e,i=qt(t),a=r.has(i)||r.size<zt?i:Yt(r,i);return{is:`spread`,bins:r.set(a,(r.get(a)??0)+1)}}function Gt(e){let t=new Set;for(let n of e)if(n?.is===`different`){for(let[e]of n.seen)if(t.add(e),t.size>=1e3)return Rt}return t.size}function Kt(e,t){let n=new Map,r=0;for(let t of e)t?.is===`spread`&&t.bins.forEach((e,t)=>{n.set(t,(n.get(t)??0)+e),r+=e});let i=Math.max(1,Math.ceil(t*r));for(let e of[...n.keys()].sort((e,t)=>e-t))if(i-=n.get(e)??0,i<=0)return Jt(e);return null}function qt(e){return e===0?0:Math.sign(e)*(Math.ceil(Math.log(Math.abs(e))/Vt)+Ht)}function Jt(e){return e===0?0:Math.sign(e)*2*Bt**(Math.abs(e)-Ht)/2.02}function Yt(e,t){let n=t,r=1/0;return e.forEach((e,i)=>{Math.abs(i-t)<r&&([n,r]=[i,Math.abs(i-t)])}),n}var Xt=[`count`,`sum`,`avg`,`min`,`max`,`first`,`last`,`distinct`,`p50`,`p95`],Zt={sealed:[],newest:null};function Qt(e,t,n,r,i){let a=Math.floor(t.time/r)*r,{sealed:o,newest:s}=e;if(s===null)return{sealed:o,newest:tn(a,t,n)};if(a===s.at)return{sealed:o,newest:nn(s,t)};let c=Math.max(a,s.at)-i-r;if(a<=c)return e;if(a>s.at){let e=[...o,s],r=e.findIndex(e=>e.at>c);return{sealed:r<0?[]:e.slice(r),newest:tn(a,t,n)}}let l=o.findLastIndex(e=>e.at<=a),u=o[l];return u?.at===a?{sealed:o.with(l,nn(u,t)),newest:s}:{sealed:o.toSpliced(l+1,0,tn(a,t,n)),newest:s}}function $t(e,t,n,r){let i=e.sealed.filter(({at:e})=>e+r>t&&e<=n),{newest:a}=e;return a&&a.at+r>t&&a.at<=n&&i.push(a),i}function en(e,t){if(e===`distinct`)return Gt(t.map(({sketch:e})=>e));if(e===`p50`||e===`p95`)return Kt(t.map(({sketch:e})=>e),e===`p50`?.5:.95);let[n,r,i,a]=[0,0,1/0,-1/0];for(let e of t)n+=e.count,r+=e.sum,i=Math.min(i,e.min),a=Math.max(a,e.max);return e===`count`?n:e===`sum`?r:n===0?null:e===`avg`?r/n:e===`min`?i:e===`max`?a:(e===`first`?t[0]?.first:t.at(-1)?.last)??null}function tn(e,{value:t,text:n},r){let i=Ut(r);return{at:e,count:1,sum:t,min:t,max:t,first:t,last:t,sketch:i&&Wt(i,t,n)}}function nn(e,{value:t,text:n}){return{at:e.at,count:e.count+1,sum:e.sum+t,min:Math.min(e.min,t),max:Math.max(e.max,t),first:e.first,last:t,sketch:e.sketch&&Wt(e.sketch,t,n)}}var rn=[`number`,`line`,`bar`,`feed`,`table`,`gauge`,`status`,`heatmap`,`alert`,`text`,`clock`],an=36e5,on=168*an,sn=12,cn=6,ln=32,un=2e4,dn=2e3,fn=[`id`,`type`,`title`,`at`],pn=[...fn,`from`,`where`,`stale`],mn=[...pn,`value`,`unit`,`decimals`,`levels`],hn={number:[...mn,`spark`,`compare`],line:[...mn,`split`,`stack`,`min`,`max`],bar:[...mn,`split`,`horizontal`],feed:[...pn,`text`,`note`,`rows`,`link`],table:[...pn,`by`,`columns`,`sort`,`rows`],gauge:[...mn,`min`,`max`],status:[...pn,`by`,`text`,`ok`,`bad`,`rows`],heatmap:[...mn,`by`,`bucket`,`rows`],alert:[...pn,`text`,`note`,`seconds`,`sound`,`max_age`],text:[...fn,`text`],clock:[...fn,`zone`]},gn=200;function _n({type:e,value:t}){return hn[e].includes(`value`)&&e!==`line`&&e!==`heatmap`&&t.op===`last`?gn:void 0}function vn(e,t,n){let r=[],i=new q(e,`widget ${t+1}`,r),a=i.text(`id`,`widget-${t+1}`);i.name=`widget ${JSON.stringify(a.slice(0,80))}`;let o=rn.find(e=>e===i.get(`type`));o||i.mistake(`type`,`one of ${rn.join(`, `)}`);let s=o!==`text`&&o!==`clock`,c=i.text(`from`,``);s&&(!c||/^\*/.test(c))&&i.mistake(`from`,`a pattern whose first segment is literal, such as "shop/**"`);let l=xn(i),u={id:a,title:i.text(`title`,a),at:En(i,t),from:s?c:``,where:i.conditions(`where`),value:yn(i,o),split:bn(i,o),text:i.text(`text`,o===`text`?``:`{/type}`).slice(0,un),note:i.text(`note`,``),by:i.pointer(`by`,`/subject`),ok:i.conditions(`ok`),bad:i.conditions(`bad`),unit:i.text(`unit`,``),decimals:i.get(`decimals`)===void 0?null:i.count(`decimals`,0,6),rows:i.count(`rows`,12,z.rows),seconds:i.count(`seconds`,6,60),maxAgeMs:i.duration(`max_age`)??6e4,staleMs:i.duration(`stale`),levels:Mt(i),sound:Dt(i),columns:l,sort:Sn(i,l),min:i.numberOr(`min`),max:i.numberOr(`max`),hasSpark:i.flag(`spark`,!0),compareMs:Cn(i),isStacked:i.flag(`stack`,!1),isHorizontal:i.flag(`horizontal`,!0),link:i.pointer(`link`,``),zones:wn(i)};u.min!==null&&u.max!==null&&u.min>=u.max&&i.mistake(`max`,"more than `min`"),n.push(...r);let d=o?i.names().filter(e=>!hn[o].includes(e)):[];for(let e of d)n.push(`${i.name}: \`${e.slice(0,80)}\` is no key of a ${o}`);return o&&r.length===0?{...u,type:o}:null}function yn(e,t){let n=new q(e.get(`value`)??{},`${e.name}, value`,e.mistakes),r=n.choice(`op`,Xt,t===`gauge`?`last`:`count`),i=n.pointer(`of`,``)||null;(t===void 0||hn[t].includes(`value`))&&r!==`count`&&i===null&&n.mistake(`of`,`a pointer, for ${JSON.stringify(r)} needs a number`);let a=t===`heatmap`&&e.get(`by`)===void 0;return{op:r,of:i,windowMs:n.duration(`window`)??(a?on:null),bucketMs:a?an:n.duration(`bucket`)??e.duration(`bucket`),perMs:n.duration(`per`),scale:n.number(`scale`,1)}}function bn(e,t){if(t===`heatmap`)return e.get(`by`)===void 0?null:{by:e.pointer(`by`,``),top:e.count(`rows`,8,ln)};if(e.get(`split`)===void 0)return null;let n=new q(e.get(`split`),`${e.name}, split`,e.mistakes);return{by:n.pointer(`by`,``),top:n.count(`top`,8,ln)}}function xn(e){let t=e.list(`columns`);return t.length>sn&&e.mistake(`columns`,`at most ${sn} columns`),t.slice(0,sn).flatMap((t,n)=>{let r=typeof t==`string`;r||typeof t==`object`&&t||e.mistake(`columns`,`pointers such as "/data/city", or tables like { title = "City", show = "/data/city" }`);let i=new q(r?{show:t}:t,`${e.name}, column ${n+1}`,e.mistakes),a=i.text(`show`,``);a.includes(`/`)||i.mistake(`show`,`a pointer such as "/data/city", or a text such as "{/data/city}, {/data/country}"`);let o=/([^/{}]+)\}?$/.exec(a)?.[1]??a;return[{title:i.text(`title`,o),show:a,unit:i.text(`unit`,``),decimals:i.get(`decimals`)===void 0?null:i.count(`decimals`,0,6),scale:i.number(`scale`,1)}]})}function Sn(e,t){let n=e.text(`sort`,`key`),r=n.startsWith(`-`),i=r?n.slice(1):n;if(i===`key`||i===`time`)return{by:i,isDown:r};let a=t.findIndex(({title:e})=>e===i);return a<0&&e.mistake(`sort`,`"key", "time" or the title of a column, with "-" before it for the highest first`),{by:Math.max(0,a),isDown:r}}function Cn(e){let t=e.get(`compare`);if(t===void 0||t===!1)return null;if(t===!0||t===`before`)return`before`;let n=new q({compare:t},e.name,[]).duration(`compare`);return(n===null||n<=0)&&e.mistake(`compare`,`true, for the window before, or how long ago, such as "1d"`),n}function wn(e){let t=e.get(`zone`)??[],n=Array.isArray(t)?t:[t];return n.length>cn&&e.mistake(`zone`,`at most ${cn} zones`),n.slice(0,cn).flatMap(t=>typeof t==`string`&&Tn(t)?[t]:(e.mistake(`zone`,`a time zone such as "Europe/Lisbon", or a list of them`),[]))}function Tn(e){try{return new Intl.DateTimeFormat(`en`,{timeZone:e}).resolvedOptions().timeZone!==``}catch{return!1}}function En(e,t){let n=e.get(`at`)??[t%3*4,Math.floor(t/3)*4,4,4],r=Array.isArray(n)?n.filter(e=>Number.isInteger(e)&&e>=0&&e<=dn):[],[i=0,a=0,o=4,s=4]=r;return(r.length!==4||i+o>12||o<1||s<1)&&e.mistake(`at`,`[column, row, width, height] within 12 columns`),[i,a,o,s]}var Dn=20;function On(e){let t=[],n=new q(e,`board`,t),r=n.list(`widget`);r.length>z.widgets&&t.push(`board: ${r.length} widgets, at most ${z.widgets} are shown`);let i=[];for(let[e,n]of r.slice(0,z.widgets).entries()){let r=vn(n,e,t),a=i.some(({id:e})=>e===r?.id);r&&a&&t.push(`widget ${JSON.stringify(r.id)}: \`id\` should be one that no other widget has`),r&&!a&&i.push(r)}let a=new q(n.get(`try`),`board.try`,t),o=a.text(`source`,``),s=n.text(`name`,``),c=n.text(`title`,``)||n.text(`name`,`Board`),l=n.duration(`range`)??9e5,u=o===``?null:{source:o,curl:a.text(`curl`,``)||null},d=[...new Set(t)],f=d.length-Dn;return{name:s,title:c,rangeMs:l,widgets:i,mistakes:f>1?[...d.slice(0,Dn),`and ${f} more mistakes`]:d,invitation:u}}var kn=6e4,An=3e4,jn=2e3,Mn=64,Nn=[{label:`1m`,name:`1 minute`,ms:kn},{label:`5m`,name:`5 minutes`,ms:5*kn},{label:`15m`,name:`15 minutes`,ms:15*kn},{label:`1h`,name:`1 hour`,ms:60*kn},{label:`6h`,name:`6 hours`,ms:360*kn},{label:`24h`,name:`24 hours`,ms:1440*kn}];function Pn(e){let t=new URLSearchParams(e.search),n=new URLSearchParams(e.hash.slice(1)),r=e.pathname.split(`/`).filter(Boolean).map(Fn),i=(t.get(`boards`)??``).split(`,`).filter(Boolean).slice(0,Mn);return{path:r,query:t,board:r[0]===`board`?r[1]??`home`:n.get(`board`)??i[0]??`home`,rangeMs:Nn.find(({label:e})=>e===t.get(`range`))?.ms??null,isKiosk:t.has(`kiosk`)||t.has(`overlay`),isOverlay:t.has(`overlay`),rotation:i.length<2?null:{boards:i,everyMs:Math.max(jn,wt(t.get(`rotate`))??An)},token:n.get(`token`),key:n.get(`key`)}}function Fn(e){try{return decodeURIComponent(e)}catch{return e}}var J=new class{#e=x(Pn(location));get at(){return d(this.#e)}set at(e){N(this.#e,e)}go(e){history.pushState(null,``,Y(e)),this.follow()}choose(e,t){let n=new URL(location.href);t===null?n.searchParams.delete(e):n.searchParams.set(e,t),history.replaceState(null,``,n),this.follow()}follow(){this.at=Pn(location)}};function Y(e){return e.includes(`#`)?e:e+location.hash}function In(e){if(e.defaultPrevented||e.button!==0||e.ctrlKey||e.metaKey||e.shiftKey||e.altKey)return;let t=e.target instanceof Element?e.target.closest(`a`):null;!t||t.target!==``||t.hasAttribute(`download`)||t.origin!==location.origin||t.pathname.startsWith(`/api/`)||(e.preventDefault(),J.go(t.pathname+t.search+(t.hash||location.hash)))}function Ln(e){return Rn(e).includes(`hookcast/**`)}function Rn(e){let[,t]=e?.split(`.`)??[];if(t===void 0)return[];try{let e=Uint8Array.from(atob(t.replaceAll(`-`,`+`).replaceAll(`_`,`/`)),e=>e.charCodeAt(0)),n=JSON.parse(new TextDecoder().decode(e)),r=typeof n==`object`&&n&&`hookcast`in n?n.hookcast:null,i=typeof r==`object`&&r&&`subscribe`in r?r.subscribe:null;return Array.isArray(i)?i.filter(e=>typeof e==`string`):[]}catch{return[]}}var zn=2e3,Bn=class{pass;client;#e=x({is:`idle`});get connection(){return d(this.#e)}set connection(e){N(this.#e,e)}#t=x(s(Date.now()));get now(){return d(this.#t)}set now(e){N(this.#t,e,!0)}#n=x(null);get lostAt(){return d(this.#n)}set lostAt(e){N(this.#n,e,!0)}#r=x(!1);get isGrey(){return d(this.#r)}set isGrey(e){N(this.#r,e,!0)}#i=x(!1);get isOperator(){return d(this.#i)}set isOperator(e){N(this.#i,e,!0)}#a=[];#o=new Set;constructor(e,t){this.pass=e,this.client=ut({url:Vn(),getToken:async t=>this.#c(t===`refresh`?await e.renew():await e.token()),whenHidden:t?`keep`:`slow`}),this.isOperator=Ln(e.given)}start(){this.#a.push(this.client.onState(e=>this.#u(e)));let e=setInterval(()=>this.#l(),1e3);this.#a.push(()=>clearInterval(e)),this.#a.push(this.client.subscribe(`hookcast/board/*`,{event:({event:e})=>this.#s(e.data)}))}onBoard(e){return this.#o.add(e),()=>this.#o.delete(e)}#s(e){let t=new Map(typeof e==`object`&&e?Object.entries(e):[]),[n,r]=[t.get(`name`),t.get(`revision`)];if(typeof n==`string`)for(let e of this.#o)e(n,typeof r==`string`?r:null)}stop(){for(let e of this.#a)e();this.client.close()}#c(e){return this.isOperator=Ln(e),e}#l(){this.now=this.client.now(),this.isGrey=this.lostAt!==null&&this.now-this.lostAt>=zn}#u(e){let t=e.is===`live`;!t&&this.connection.is===`live`&&(this.lostAt??=this.client.now()),t&&e.catchingUp===0&&(this.lostAt=null,this.isGrey=!1,this.now=this.client.now()),this.connection=e}};function Vn(){let e=new URL(`/ws`,location.href);return e.protocol=e.protocol.replace(`http`,`ws`),e.hash=``,e.href}function Hn(e,t,n,r,i){let a=H(n.event,t.by),o=Kn(t,n.event),s=e.get(a),c=[...s?.beats??[],o].slice(-12);return(s?e:R(e,z.keys)).set(a,{key:a,at:r,heard:i,text:V(t.text,n.event),mood:o,beats:c})}function Un(e,t){return Gn(e.values(),t).sort((e,t)=>Wn.compare(e.key,t.key))}var Wn=new Intl.Collator(void 0,{numeric:!0});function Gn(e,t){return e.length<=t?e:e.sort((e,t)=>t.heard-e.heard).slice(0,t)}function Kn(e,t){return e.bad.length>0&&U(e.bad,t)?`bad`:e.ok.length===0?e.bad.length>0?`ok`:`busy`:U(e.ok,t)?`ok`:`busy`}var qn=5e3,Jn={time:``,ms:NaN};function Yn(e,t){let{event:n}=e,r=typeof n==`object`&&n&&`time`in n?n.time:void 0;if(typeof r!=`string`)return t;r!==Jn.time&&(Jn={time:r,ms:r.length>64?NaN:Date.parse(r)});let{ms:i}=Jn;return Number.isNaN(i)||i>t+qn?t:i}function Xn(e){return`${e.stream}:${e.offset}`}function Zn(e,t,n){return $n(e!==null&&e.length>=n*2-1?Qn(e,n).reduceRight($n,null):e,t)}function Qn(e,t){let n=[];for(let r=e;r!==null&&n.length<t;r=r.rest)n.push(r.item);return n}function $n(e,t){return{item:t,rest:e,length:(e?.length??0)+1}}var er=2e3;function tr(e,t,n,r){return Zn(e,{is:`event`,key:Xn(n),at:r,text:V(t.text,n.event),note:t.note===``?``:V(t.note,n.event),link:t.link===``?null:rr(ae(n.event,t.link)),topic:n.topic,replayed:n.replayed},t.rows)}function nr(e,t,n,r){return Zn(e,{is:`gap`,key:`gap ${n.stream} ${n.from} ${n.to} ${r}`,at:r,missed:n},t.rows)}function rr(e){if(typeof e!=`string`||e.length>er||!URL.canParse(e))return null;let{protocol:t,href:n}=new URL(e);return[`http:`,`https:`,`mailto:`].includes(t)?n:null}var ir={queue:[],fired:0,ids:B.of(),last:null},ar=1024;function or(e,t,n,r,i){let a=V(t.text,n.event),o={at:r,text:a},s=`${H(n.event,`/source`)} ${H(n.event,`/id`)}`;if(n.replayed||i-r>t.maxAgeMs||e.ids.has(s))return{...e,last:o};let c=e.fired+1,l={number:c,at:r,text:a,note:t.note===``?``:V(t.note,n.event)};return{queue:[...e.queue,l].slice(-20),fired:c,ids:sr(e.ids).set(s,!0),last:o}}function sr(e){return e.size<ar?e:B.of([...e].slice(ar/2))}var cr={byKey:B.of(),sweptAt:0},lr=`other`.padEnd(300,`\0`),ur=60,dr=100,fr={line:z.buckets,heatmap:336},pr=360,mr=180;function hr(e,t){let{value:n,compareMs:r,levels:i}=e,a=n.windowMs??t,o=a+Math.max(r===`before`?a:r??0,...i.map(({forMs:e})=>e)),s=Math.min(fr[e.type]??mr,e.split?pr:z.buckets,Cr(e)?ur:z.buckets);return{windowMs:a,bucketMs:Math.max(n.bucketMs??a/60,o/s,1),spanMs:o}}function gr({value:{op:e}}){return e===`count`||e===`sum`||e===`distinct`}function _r(e,t,n,r,i){let{op:a,of:o,scale:s}=t.value,c=o===null?1:ie(n,o),l=a===`distinct`&&o!==null?H(n,o):``;if(c===null&&a!==`count`&&a!==`distinct`)return e;let u=t.split?H(n,t.split.by):``,d=e.byKey.has(u)?{...e,isFull:!1}:wr(e,Cr(t)?dr:z.keys,r,i),f=d.isFull?lr:u,p=d.byKey.get(f)??Zt,m=Qt(p,{time:r,value:(c??1)*s,text:l},a,i.bucketMs,i.spanMs);return m===p?e:{byKey:d.byKey.set(f,m),sweptAt:d.sweptAt}}function vr(e,t,n,r){let{op:i,perMs:a}=t.value,o=en(i,$t(e??Zt,r-n.windowMs,r,n.bucketMs));return o===null||a===null?o:o*a/n.windowMs}function yr(e,t,n,r){let i=t.type===`line`&&gr(t),a=i?{...n,windowMs:n.bucketMs}:n,o=i?Math.floor(r/n.bucketMs)*n.bucketMs-1:r;return t.split===null?[vr(e.byKey.get(``),t,a,o)]:e.byKey.values().map(e=>vr(e,t,a,o))}function br(e,t,n,r){let i=[],{op:a,perMs:o}=t.value;return e.byKey.forEach((e,t)=>{let s=$t(e,r-n.windowMs,r,n.bucketMs);if(s.length===0)return;let c=en(a,s)??0;i.push({key:t,value:o===null?c:c*o/n.windowMs})}),i.sort((e,t)=>t.value-e.value||Sr(e.key,t.key))}function xr(e,t,n,r){let{op:i,perMs:a}=t.value,{bucketMs:o,windowMs:s}=n,c=Math.floor(r/o)*o+(gr(t)?0:o),l=Math.ceil(s/o),u=Array.from({length:l},(e,t)=>c-(l-t)*o),d=t.split?.top??1,f=br(e,{...t,value:{...t.value,op:gr(t)?i:`count`}},n,r).map(({key:e})=>e),p=f.filter(e=>e!==lr).slice(0,d).sort(Sr),m=new Set(p),h=f.filter(e=>!m.has(e)),g=(t,n)=>{let r=new Map;for(let t of n)for(let n of $t(e.byKey.get(t)??Zt,c-s-o,1/0,o)){let e=r.get(n.at);e?e.push(n):r.set(n.at,[n])}return{key:t,values:u.map(e=>{let t=en(i,r.get(e)??[]);return t===null||a===null?t:t*a/o})}},_=p.map(e=>g(e,[e]));return h.length>0&&_.push(g(lr,h)),{times:u.map(e=>Math.min(e+o,r)/1e3),lines:_}}function Sr(e,t){return e<t?-1:+(e>t)}function Cr({value:{op:e}}){return e===`distinct`||e===`p50`||e===`p95`}function wr(e,t,n,{bucketMs:r,spanMs:i}){if(e.byKey.size<t)return{...e,isFull:!1};if(n<e.sweptAt+r)return{...e,isFull:!0};let a=[...e.byKey].filter(([,{newest:e}])=>e!==null&&e.at>n-i-r);return a.length===e.byKey.size?{...e,sweptAt:n,isFull:!0}:{byKey:B.of(a),sweptAt:n,isFull:a.length>=t}}function Tr(e,t,n,r,i){let a=H(n.event,t.by),o=t.columns.map(e=>Or(e,n.event));return(e.has(a)?e:R(e,z.keys)).set(a,{key:a,at:r,heard:i,values:o})}function Er(e,{rows:t,sort:n}){let r=n.isDown?-1:1,i=e.values();return(n.by===`key`||n.by===`time`?Gn(i,t):i).sort((e,t)=>r*Dr(e,t,n.by)||Wn.compare(e.key,t.key)).slice(0,t)}function Dr(e,t,n){if(n===`key`)return Wn.compare(e.key,t.key);if(n===`time`)return e.at-t.at||e.heard-t.heard;let[r,i]=[e.values[n]??``,t.values[n]??``];return typeof r==`number`&&typeof i==`number`?r-i:typeof r==`number`?1:typeof i==`number`?-1:Wn.compare(r,i)}function Or({show:e,scale:t},n){if(!e.startsWith(`/`))return V(e,n);let r=ie(n,e);return r===null?H(n,e):r*t}var kr={lastAt:null,count:0,gaps:[],series:cr,rows:null,cells:B.of(),table:B.of(),scenes:ir};function Ar(e,t,n,r){if(t.is===`gap`)return jr(e,t,n);let{seen:i,now:a}=t;if(!U(n.where,i.event))return e;let o=Yn(i,a),s={...e,lastAt:Math.max(e.lastAt??0,o),count:e.count+1};switch(n.type){case`number`:case`line`:case`bar`:case`gauge`:case`heatmap`:return s.series=_r(e.series,n,i.event,o,hr(n,r)),s;case`feed`:return s.rows=tr(e.rows,n,i,o),s;case`status`:return s.cells=Hn(e.cells,n,i,o,s.count),s;case`table`:return s.table=Tr(e.table,n,i,o,s.count),s;case`alert`:return s.scenes=or(e.scenes,n,i,o,a),s;case`text`:case`clock`:return e}}function jr(e,{missed:t,since:n,now:r},i){let a={from:n,to:r,missed:t,count:t.from!==null&&t.to!==null?Math.max(0,t.to-t.from+1):null},o=i.type===`feed`?nr(e.rows,i,t,r):e.rows;return{...e,rows:o,gaps:[...e.gaps,a].slice(-50)}}function Mr(e,t){let n=e.filter(({to:e})=>e>=t);return n.length===0?null:{count:n.reduce((e,{count:t})=>e===null||t===null?null:e+t,0)}}function Nr(e,t,n,r){if(t.levels.length===0)return[];let i=hr(t,n),a=gr(t)&&Mr(e.gaps,r-i.spanMs)!==null;return t.levels.map(n=>Pt(n,n=>yr(e.series,t,i,n),i.bucketMs,r,a))}var Pr=5e3,Fr=class{client;#e=x(s({is:`in`}));get phase(){return d(this.#e)}set phase(e){N(this.#e,e,!0)}#t=new Set;#n=0;#r;constructor(e){this.client=e}pull(){if(this.phase.is===`out`||this.phase.is===`resuming`)return;this.#t.clear(),this.#n=0,this.client.close();let e=Date.now()+Pr,t=()=>{let t=Math.ceil((e-Date.now())/1e3);t>0?this.phase={is:`out`,secondsLeft:t}:this.#i()};this.#r=setInterval(t,200),t()}sawState(e){this.phase.is!==`resuming`||e.is!==`live`||e.catchingUp>0||(this.phase={is:`resumed`,caughtUp:this.#t.size,missed:this.#n})}sawMessage(e){this.phase.is===`resuming`&&e.replayed&&this.#t.add(`${e.stream}:${e.offset}`)}sawGap(e){if(this.phase.is!==`resuming`)return;let t=e.from!==null&&e.to!==null&&this.#n!==null;this.#n=t?(this.#n??0)+(e.to??0)-(e.from??0)+1:null}stop(){clearInterval(this.#r)}#i(){clearInterval(this.#r),this.phase={is:`resuming`},this.client.open()}},Ir=1e4,Lr=5e3,Rr=class{widget;rangeMs;#e=x(kr);get shown(){return d(this.#e)}set shown(e){N(this.#e,e)}#t=x(!1);get isReady(){return d(this.#t)}set isReady(e){N(this.#t,e,!0)}#n=x(null);get refusal(){return d(this.#n)}set refusal(e){N(this.#n,e,!0)}folded=kr;constructor(e,t){this.widget=e,this.rangeMs=t}take(e){this.folded=Ar(this.folded,e,this.widget,this.rangeMs)}},zr=class{board;rangeMs;session;widgets;#e=x(0);get perSecond(){return d(this.#e)}set perSecond(e){N(this.#e,e,!0)}plug;#t;#n=[];#r=[];#i=new Map;#a=0;#o=null;constructor(e,t,n){this.board=e,this.rangeMs=t,this.session=n,this.widgets=e.widgets.map(e=>new Rr(e,t)),this.#t=n.client,this.plug=new Fr(this.#t)}get connection(){return this.session.connection}get now(){return this.session.now}get lostAt(){return this.session.lostAt}get isGrey(){return this.session.isGrey}start(){this.#n.push(this.#t.onState(e=>this.#d(e)));let e=this.widgets.filter(({widget:e})=>e.from!==``);for(let t of Map.groupBy(e,({widget:e})=>`${_n(e)} ${e.from}`).values())this.#s(t);let t=setInterval(()=>this.#u(),1e3);this.#n.push(()=>clearInterval(t))}stop(){for(let e of this.#n)e();cancelAnimationFrame(this.#a),this.plug.stop()}#s(e){let[t]=e;if(!t)return;let n=t.widget.from,r=_n(t.widget),i=Math.max(...e.map(({widget:e})=>Math.max(this.rangeMs,hr(e,this.rangeMs).spanMs))),a=null,o=this.#t.subscribe(n,{event:t=>{a=this.#t.now(),this.#c(t,e)},gap:t=>{let n=this.#t.now();this.#l(e,{is:`gap`,missed:t,since:this.lostAt??a??n,now:n}),this.plug.sawGap(t),t.reason===`epoch`&&this.#i.delete(t.stream)},ready:()=>{a=this.#t.now();for(let t of e)t.isReady=!0},error:t=>{for(let n of e)n.refusal={code:t.code,message:t.message}}},r===void 0?{since:{ageMs:i}}:{since:{ageMs:i},latestMs:r});this.#n.push(o)}#c(e,t){let{stream:n,offset:r,topic:i,event:a,replayed:o}=e,s=this.#t.now();this.#l(t,{is:`event`,seen:{stream:n,offset:r,topic:i,event:a,replayed:o},now:s}),this.plug.sawMessage(e),o||r<=(this.#i.get(n)??0)||(this.#i.set(n,r),this.#r.push(s),this.#r.length>Lr&&this.#r.splice(0,Lr/2))}#l(e,t){for(let n of e)n.take(t);this.#a||=requestAnimationFrame(()=>{this.#a=0;for(let e of this.widgets)e.shown!==e.folded&&(e.shown=e.folded)})}#u(){let e=this.#t.now();this.#r=this.#r.filter(t=>t>e-Ir);let t=Math.min(Ir,e-(this.#o??e));this.perSecond=t>=1e3?this.#r.length/(t/1e3):0}#d(e){e.is===`live`?e.catchingUp===0&&(this.#o??=this.#t.now()):this.#o=null,this.plug.sawState(e)}},Br=1200,X=new class{#e=x([]);#t=null;#n=b(()=>d(this.#e).flat());get all(){return d(this.#n)}set all(e){N(this.#n,e)}add(e){return N(this.#e,[e,...o(()=>d(this.#e))]),()=>N(this.#e,d(this.#e).filter(t=>t!==e))}press(e){if(e.defaultPrevented||e.isComposing)return;let t=Vr(e);if(t===null||Hr(e)&&!t.startsWith(`Ctrl+`))return;let n=this.#t!==null&&e.timeStamp-this.#t.at<Br?`${this.#t.key} ${t}`:null,r=n!==null&&this.#r(n)||this.#r(t);this.#t=r?null:{key:t,at:e.timeStamp},r&&(e.preventDefault(),r.run())}#r(e){return this.all.find(({keys:t})=>t.split(`|`).includes(e))}};function Vr(e){if(e.altKey||[`Control`,`Meta`,`Shift`].includes(e.key))return null;let t=e.key===` `?`Space`:e.key,n=t.length>1,r=e.ctrlKey||e.metaKey?`Ctrl+`:``;return`${r}${e.shiftKey&&n&&t!==`?`?`Shift+`:``}${r===``?t:t.toLowerCase()}`}function Hr({target:e,key:t}){return document.querySelector(`dialog[open]`)?!0:e instanceof HTMLElement?e.isContentEditable||e.matches(`input:not([type=checkbox], [type=radio], [type=button]), textarea, select`)?t!==`Escape`:(t===` `||t===`Enter`)&&e.matches(`button, a, summary, [role=button], [role=tab], input`):!1}var Ur={info:`<!-- @license lucide-static v1.62.0 - ISC -->
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
`},Wr=new DOMParser;function Gr(e){let t=Wr.parseFromString(e,`image/svg+xml`).documentElement;return t.setAttribute(`aria-hidden`,`true`),document.importNode(t,!0)}var Kr=i(`<span></span>`);function Z(t,n){e(n,!0);let r=P(n,`name`,3,`busy`),i=P(n,`svg`,19,()=>Ur[r()]),a=P(n,`turns`,3,!1);var o=Kr();let s;ee(o,()=>e=>{e.replaceChildren(Gr(i()))}),l(()=>s=D(o,1,`icon svelte-gfb9re`,null,s,{turns:a()})),g(t,o),p()}var qr=i(`<p class="what svelte-jmkx1e"><!>signed out</p> <p>This board needs a token. Open it with the link that <code class="svelte-jmkx1e">hookcast</code> prints: its end is <code class="svelte-jmkx1e">#token=…</code></p>`,1),Jr=i(`<p class="what svelte-jmkx1e"><!> </p> <p>Trying again every 3 s.</p>`,1),Yr=i(`<p class="what svelte-jmkx1e"><!>opening the board</p>`),Xr=i(`<main class="notice svelte-jmkx1e"><h1 class="svelte-jmkx1e">Hookcast</h1> <!></main>`);function Zr(t,n){e(n,!0);var r=Xr(),i=y(v(r),2),a=e=>{var t=qr(),n=c(t);Z(v(n),{name:`signedOut`}),j(),F(n),j(2),g(e,t)},o=e=>{var t=Jr(),r=c(t),i=v(r);Z(i,{name:`warning`});var a=y(i,1,!0);F(r),j(2),l(()=>I(a,n.trouble.message)),g(e,t)},s=e=>{var t=Yr();Z(v(t),{name:`catchingUp`,turns:!0}),j(),F(t),g(e,t)};h(i,e=>{n.trouble instanceof vt?e(a):n.trouble?e(o,1):e(s,-1)}),F(r),g(t,r),p()}var Qr=5,$r=.75;function ei(e,t){let n=[],r=0;for(let i of e){let e=ti(i,t),a=e<=r?e:r>=e*$r?r:0,o={width:a||e,height:Math.min(i.at[3],Qr)};a?n.at(-1)?.push(o):n.push([o]),r=a?r-a:t-e}return n.flatMap(e=>{let n=t-e.reduce((e,{width:t})=>e+t,0),r=Math.max(...e.map(e=>e.height));return e.map(({width:t},i)=>({width:i===e.length-1?t+n:t,height:r}))})}function ti({type:e,at:t},n){return n<=2?e===`number`?1:n:Math.min(n,Math.max(2,Math.ceil(t[2]*n/12)))}var ni=navigator.language,ri=new Intl.DateTimeFormat(`en-GB`,{hour:`2-digit`,minute:`2-digit`,second:`2-digit`});function ii(e){return ri.format(e)}function ai(e){let t=e/6e4;return t<1?`${Math.round(e/1e3)} s`:t<60?`${Math.round(t)} min`:t<2880?`${Math.round(t/60)} h`:`${Math.round(t/1440)} days`}function oi(e,t){let n=Math.max(0,t-e);return n<5e3?`now`:`${ai(n)} ago`}var si=new Map,ci=1e10;function li(e,t){if(e===null||Number.isNaN(e))return`–`;if(!Number.isFinite(e))return e>0?`∞`:`−∞`;if(Math.abs(e)>=ci)return ui(Math.abs(e)<0x38d7ea4c68000?`compact`:`scientific`,0,2).format(e);let n=t??(Number.isInteger(e)||Math.abs(e)>=100?0:1);return ui(`standard`,n,n).format(e)}function ui(e,t,n){let r=`${e} ${t} ${n}`,i=si.get(r)??new Intl.NumberFormat(ni,{notation:e,minimumFractionDigits:t,maximumFractionDigits:n});return si.set(r,i),i}function di({above:e,below:t,equals:n,forMs:r},i){return`${[e===null?``:`above ${pi(e,null,i)}`,t===null?``:`below ${pi(t,null,i)}`,n===null?``:`at ${pi(n,null,i)}`].filter(Boolean).join(` and `)}${r>0?` for ${ai(r)}`:``}`}function fi(e){return/^\p{Sc}$/u.test(e)?`before`:`behind`}function pi(e,t,n){let r=li(e,t);return e===null||n===``?r:fi(n)===`before`?`${n}${r}`:`${r} ${n}`}function mi(e){return e===null?`an unknown number missed`:`${e} missed`}function hi(e,t){switch(e.is){case`live`:return e.catchingUp===0?Q(`ok`,`live`,`live`):Q(`busy`,`catchingUp`,`catching up`);case`idle`:return Q(`busy`,`catchingUp`,`catching up`);case`connecting`:return e.attempt===0?Q(`busy`,`catchingUp`,`catching up`):Q(`warn`,`refresh`,`reconnecting`);case`waiting`:{let n=Math.max(1,Math.ceil((e.until-t)/1e3));return{...Q(`warn`,`refresh`,`reconnecting`),word:`reconnecting in ${n} s`}}case`suspended`:return Q(`bad`,`offline`,`offline`);case`closed`:return e.cause?.closeCode===4501||e.cause?.code===`token`?Q(`bad`,`signedOut`,`signed out`):Q(`bad`,`offline`,`offline`)}}function Q(e,t,n){return{tone:e,icon:t,word:n,spoken:n}}var gi=i(`<span data-testid="badge" aria-hidden="true"><!> </span> <span class="hc-hidden" role="status"> </span>`,1);function _i(t,n){e(n,!0);let r=b(()=>(n.now,hi(n.state,Date.now()))),i=x(``),a=0;m(()=>{let e=d(r).spoken,t=setTimeout(()=>{N(i,e,!0),a=Date.now()},Math.max(0,a+1e4-Date.now()));return()=>clearTimeout(t)});var o=gi(),s=c(o),u=v(s);{let e=b(()=>d(r).icon===`catchingUp`);Z(u,{get name(){return d(r).icon},get turns(){return d(e)}})}var f=y(u);F(s);var h=y(s,2),S=_(h);l(()=>{D(s,1,`badge ${d(r).tone??``}`,`svelte-8ayh06`),I(f,` ${d(r).word??``}`),I(S,`Connection: ${d(i)??``}`)}),g(t,o),p()}var vi=[`auto`,`light`,`dark`],yi=`hookcast.theme`,bi=class{#e=x(`auto`);get current(){return d(this.#e)}set current(e){N(this.#e,e,!0)}#t=x(!1);#n=b(()=>this.current===`dark`||this.current===`auto`&&d(this.#t));get isDark(){return d(this.#n)}set isDark(e){N(this.#n,e)}constructor(){let e=matchMedia(`(prefers-color-scheme: dark)`);N(this.#t,e.matches,!0),e.addEventListener(`change`,({matches:e})=>N(this.#t,e,!0)),this.#r(xi(new URLSearchParams(location.search).get(`theme`)??Si()))}next(){this.#r(vi[(vi.indexOf(this.current)+1)%vi.length]??`auto`);try{localStorage.setItem(yi,this.current)}catch{}}#r(e){this.current=e,document.documentElement.dataset.theme=e}};function xi(e){return vi.find(t=>t===e)??`auto`}function Si(){try{return localStorage.getItem(yi)}catch{return null}}var Ci=new bi,wi=i(`<button type="button" class="hc-button hc-button-icon"><!></button>`);function Ti(t,n){e(n,!0);let r=b(()=>({auto:`auto`,light:`sun`,dark:`moon`})[Ci.current]);var i=wi();Z(v(i),{get name(){return d(r)}}),F(i),l(()=>{A(i,`title`,`Theme: ${Ci.current??``} (t)`),A(i,`aria-label`,`Theme: ${Ci.current??``}`)}),O(`click`,i,()=>Ci.next()),g(t,i),p()}t([`click`]);var Ei=i(`<img class="mark svelte-io3nv6" src="/favicon.svg" alt="" width="32" height="32"/>`),Di=i(`<button type="button" class="svelte-io3nv6"> </button>`),Oi=i(`<div class="ranges svelte-io3nv6" role="group" aria-label="Range"></div>`),ki=i(`<div class="tools svelte-io3nv6"><!> <button type="button" class="hc-button hc-button-icon" title="Kiosk (k)" aria-label="Kiosk"><!></button></div>`),Ai=i(`<header class="bar svelte-io3nv6"><!> <h1 class="svelte-io3nv6"> </h1> <p class="rate svelte-io3nv6" data-testid="rate"><strong class="svelte-io3nv6"> </strong> events/s</p> <span class="push svelte-io3nv6"></span> <!> <!> <!></header>`);function ji(t,n){e(n,!0);var r=Ai(),i=v(r),a=e=>{var t=Ei();g(e,t)};h(i,e=>{(!n.live.session.isOperator||n.isKiosk)&&e(a)});var o=y(i,2),s=_(o,!0),c=y(o,2),u=v(c),f=_(u,!0);j(),F(c);var m=y(c,4),b=e=>{var t=Oi();L(t,21,()=>Nn,({label:e,name:t,ms:n})=>e,(e,t)=>{let r=()=>d(t).label,i=()=>d(t).name,a=()=>d(t).ms;var o=Di(),s=_(o,!0);l(()=>{A(o,`aria-pressed`,a()===n.live.rangeMs),A(o,`title`,i()),I(s,r())}),O(`click`,o,()=>n.onrange(r())),g(e,o)}),F(t),g(e,t)};h(m,e=>{n.isKiosk||e(b)});var x=y(m,2);_i(x,{get state(){return n.live.connection},get now(){return n.live.now}});var S=y(x,2),C=e=>{var t=ki(),r=v(t);Ti(r,{});var i=y(r,2);Z(v(i),{name:`kiosk`}),F(i),F(t),O(`click`,i,function(...e){n.onkiosk?.apply(this,e)}),g(e,t)};h(S,e=>{n.isKiosk||e(C)}),F(r),l(e=>{A(o,`title`,n.live.board.title),I(s,n.live.board.title),I(f,e)},[()=>li(n.live.perSecond,1)]),g(t,r),p()}t([`click`]);var Mi=6e5,Ni=class{#e=x(null);get newest(){return d(this.#e)}set newest(e){N(this.#e,e)}#t=x(0);get count(){return d(this.#t)}set count(e){N(this.#t,e,!0)}listen(e){return e.client.subscribe(`hookcast/delivery/*/refused`,{event:({event:e})=>this.#n(e.data)},{since:{ageMs:Mi}})}#n(e){let t=new Map(typeof e==`object`&&e?Object.entries(e):[]),[n,r,i]=[t.get(`id`),t.get(`source`),t.get(`says`)??t.get(`reason`)];typeof n==`string`&&typeof r==`string`&&(this.count+=1,this.newest={id:n,source:r,says:typeof i==`string`?i:`refused`})}},Pi=i(`<div class="copyable svelte-5hi3ge"><code tabindex="0" role="region" class="svelte-5hi3ge"> </code> <button type="button" class="hc-button svelte-5hi3ge"><!> <span role="status"> </span></button></div>`);function Fi(e,t){let n=x(``),r;async function i(){try{await navigator.clipboard.writeText(t.text),N(n,`copied`)}catch{N(n,`select and copy by hand`)}clearTimeout(r),r=setTimeout(()=>N(n,``),2e3)}var a=Pi(),o=v(a),s=_(o,!0),c=y(o,2),u=v(c);{let e=b(()=>d(n)===`copied`?`check`:`copy`);Z(u,{get name(){return d(e)}})}var f=y(u,2),p=_(f,!0);F(c),F(a),l(()=>{A(o,`aria-label`,t.what),I(s,t.text),A(c,`aria-label`,`Copy the ${t.what??``}`),I(p,d(n)||`Copy`)}),O(`click`,c,i),g(e,a)}t([`click`]);var Ii=i(`<span class="test svelte-rc8raj"><button type="button"><!> </button> <span role="status"> </span></span>`);function Li(t,n){e(n,!0);let r=P(n,`isMain`,3,!1),i=x(!1),a=x(``),o=x(!1),s;async function c(){N(i,!0);try{N(a,await _t(n.source,await n.pass.token()),!0),N(o,!1)}catch(e){N(a,e instanceof Error?e.message:String(e),!0),N(o,!0)}N(i,!1),clearTimeout(s),s=setTimeout(()=>N(a,``),4e3)}var u=Ii(),f=v(u);let m;var h=v(f);Z(h,{name:`send`});var b=y(h,1,!0);F(f);var S=y(f,2);let C;var w=_(S,!0);F(u),l(()=>{m=D(f,1,`hc-button`,null,m,{"hc-button-main":r()}),f.disabled=d(i),A(f,`data-testid`,`test-${n.source??``}`),I(b,n.label),C=D(S,1,`said svelte-rc8raj`,null,C,{failed:d(o)}),I(w,d(a))}),O(`click`,f,c),g(t,u),p()}t([`click`]);var Ri=i(`<div class="line svelte-vbg9tc"><!></div>`),zi=i(`<!> <!>`,1),Bi=i(`<span class="hint svelte-vbg9tc">5 s without a connection: see what is missed</span>`),Vi=i(`<a data-testid="refused" class="svelte-vbg9tc"><!><span> </span></a>`),Hi=i(`<p class="next svelte-vbg9tc"><!> <a data-testid="own" class="svelte-vbg9tc"><!><span>Use your own</span></a></p>`),Ui=i(`<section class="you svelte-vbg9tc" aria-labelledby="you-title"><h2 id="you-title" class="svelte-vbg9tc">Now you</h2> <!> <div class="plug svelte-vbg9tc"><button type="button" class="hc-button" data-testid="plug"><!>Pull the plug</button> <p role="status" data-testid="plug-result" class="svelte-vbg9tc"><!></p></div> <!></section>`);function Wi(t,n){e(n,!0);let r=b(()=>n.live.board.invitation),i=b(()=>n.live.plug.phase),a=new Ni;m(()=>{let{session:e}=n.live;if(e.isOperator)return o(()=>a.listen(e))});var s=Ui(),u=y(v(s),2),f=e=>{var t=zi(),i=c(t);Li(i,{get source(){return d(r).source},get pass(){return n.live.session.pass},label:`Send a test event`,isMain:!0});var a=y(i,2),o=e=>{var t=Ri();Fi(v(t),{get text(){return d(r).curl},what:`curl line`}),F(t),g(e,t)};h(a,e=>{d(r).curl&&e(o)}),g(e,t)};h(u,e=>{d(r)&&e(f)});var x=y(u,2),S=v(x);Z(v(S),{name:`plug`}),j(),F(S);var C=y(S,2),w=v(C),T=e=>{var t=k();l(()=>I(t,`unplugged · back in ${d(i).secondsLeft??``} s`)),g(e,t)},E=e=>{var t=k(`resuming…`);g(e,t)},D=e=>{var t=k();l(e=>I(t,`resumed: ${d(i).caughtUp??``} caught up, ${e??``}`),[()=>mi(d(i).missed)]),g(e,t)},ee=e=>{var t=Bi();g(e,t)};h(w,e=>{d(i).is===`out`?e(T):d(i).is===`resuming`?e(E,1):d(i).is===`resumed`?e(D,2):e(ee,-1)}),F(C),F(x);var te=y(x,2),M=e=>{var t=Hi(),n=v(t),r=e=>{var t=Vi(),n=v(t);Z(n,{name:`ban`});var r=y(n),i=_(r);F(t),l(e=>{A(t,`href`,e),A(t,`title`,`${a.newest.source??``}: ${a.newest.says??``}`),I(i,`${a.count??``} refused: see why`)},[()=>Y(`/events/${a.newest.id}`)]),g(e,t)};h(n,e=>{a.newest&&e(r)});var i=y(n,2);Z(v(i),{name:`sources`}),j(),F(i),F(t),l(e=>A(i,`href`,e),[()=>Y(`/sources?add`)]),g(e,t)};h(te,e=>{n.live.session.isOperator&&e(M)}),F(s),l(()=>S.disabled=d(i).is===`out`||d(i).is===`resuming`),O(`click`,S,()=>n.live.plug.pull()),g(t,s),p()}t([`click`]);var Gi=i(`<div class="line svelte-tlpukr"><!></div>`),Ki=i(`<p class="svelte-tlpukr">Whatever <strong class="svelte-tlpukr"> </strong> posts appears here within a blink. Its address:</p> <div class="line svelte-tlpukr"><!></div> <!> <!>`,1),qi=i(`<p class="svelte-tlpukr">A source is whoever posts webhooks: GitHub, a shop, a sensor, a donation page. Give it an address and a secret, and its events move this board at once.</p>`),Ji=i(`<li><a class="svelte-tlpukr"> </a></li>`),Yi=i(`<a><!>Add a source</a> <ul aria-label="Often added" class="svelte-tlpukr"></ul>`,1),Xi=i(`<p class="svelte-tlpukr">Who runs this gateway can add one.</p>`),Zi=i(`<section class="welcome hc-card svelte-tlpukr" aria-labelledby="welcome-title"><!> <h2 id="welcome-title" class="svelte-tlpukr"> </h2> <!> <!></section>`);function Qi(t,n){e(n,!0);let r=[`github`,`stripe`,`shopify`,`slack`,`gitlab`,`paypal`,`sentry`,`ko-fi`],i=b(()=>n.live.board.invitation);var a=Zi(),o=v(a);Z(o,{name:`sources`});var s=y(o,2),u=_(s,!0),f=y(s,2),m=e=>{var t=Ki(),r=c(t),a=y(v(r)),o=_(a,!0);j(),F(r);var s=y(r,2),u=v(s);{let e=b(()=>`${location.origin}/hooks/${d(i).source}`);Fi(u,{get text(){return d(e)},what:`hook's address`})}F(s);var f=y(s,2),p=e=>{Li(e,{get source(){return d(i).source},get pass(){return n.live.session.pass},label:`Send a test event`,isMain:!0})};h(f,e=>{n.live.session.isOperator&&e(p)});var m=y(f,2),x=e=>{var t=Gi();Fi(v(t),{get text(){return d(i).curl},what:`line for a terminal`}),F(t),g(e,t)};h(m,e=>{d(i).curl&&e(x)}),l(()=>I(o,d(i).source)),g(e,t)},x=e=>{var t=qi();g(e,t)};h(f,e=>{d(i)?e(m):e(x,-1)});var S=y(f,2),C=e=>{var t=Yi(),n=c(t);let a;Z(v(n),{name:`sources`}),j(),F(n);var o=y(n,2);L(o,20,()=>r,e=>e,(e,t)=>{var n=Ji(),r=v(n),i=_(r,!0);F(n),l(e=>{A(r,`href`,e),I(i,t)},[()=>Y(`/sources?add=${t}`)]),g(e,n)}),F(o),l(e=>{a=D(n,1,`hc-button svelte-tlpukr`,null,a,{"hc-button-main":!d(i)}),A(n,`href`,e)},[()=>Y(`/sources?add`)]),g(e,t)},w=e=>{var t=Xi();g(e,t)};h(S,e=>{n.live.session.isOperator?e(C):d(i)||e(w,1)}),F(a),l(()=>I(u,d(i)?`Waiting for the first event`:`Nothing sends here yet`)),g(t,a),p()}var $i=i(`<span class="unit svelte-m5tm4r">≥&nbsp;</span>`),ea=i(`<span class="unit svelte-m5tm4r"> </span>`),ta=i(`<strong> </strong> `,1),na=i(`<p class="change svelte-m5tm4r" data-testid="change"><!></p>`),ra=f(`<rect width="0.72"></rect>`),ia=f(`<svg class="spark svelte-m5tm4r" preserveAspectRatio="none" aria-hidden="true"></svg>`),aa=i(`<p class="value svelte-m5tm4r" data-testid="value"><span class="figure svelte-m5tm4r"><!><!><span data-testid="number"> </span><!></span></p> <!> <!>`,1);function oa(t,n){e(n,!0);let r=b(()=>n.member.widget),i=b(()=>hr(d(r),n.live.rangeMs)),a=b(()=>n.member.shown.series.byKey.get(``)),o=b(()=>vr(d(a),d(r),d(i),n.now)),s=b(()=>gr(d(r))&&Mr(n.member.shown.gaps,n.now-d(i).windowMs)!==null||d(r).value.op===`distinct`&&d(o)===1e3),u=b(()=>li(d(o),d(r).decimals)),f=b(()=>{if(!d(r).hasSpark)return[];let e=xr(n.member.shown.series,d(r),d(i),n.now).lines[0]?.values.slice(-40)??[],t=Math.max(...e.map(e=>e??0),0);return e.map(e=>t>0?Math.max(0,(e??0)/t):0)}),m=b(()=>d(r).compareMs===`before`?d(i).windowMs:d(r).compareMs),x=b(()=>{if(d(m)===null||d(o)===null||d(s))return null;let e=vr(d(a),d(r),d(i),n.now-d(m));if(e===null||e===0)return null;let t=(d(o)-e)/Math.abs(e),c=Math.abs(t)<.005;return{sign:c?`same`:t>0?`more`:`less`,text:c?`as`:`${li(Math.abs(t)*100,0)} %`,arrow:c?`=`:t>0?`▲`:`▼`}}),S=b(()=>d(m)===null?``:d(r).compareMs===`before`?`${ai(d(m))} before`:`${ai(d(m))} ago`);function C(e){d(u),matchMedia(`(prefers-reduced-motion: reduce)`).matches||e.animate([{transform:`translateY(-0.06em)`,opacity:.55},{transform:`none`,opacity:1}],{duration:320,easing:`ease-out`})}var T=aa(),O=c(T);let te;var j=v(O),M=v(j),N=e=>{var t=$i();g(e,t)};h(M,e=>{d(s)&&e(N)});var P=y(M),re=e=>{var t=ea(),n=_(t,!0);l(()=>I(n,d(r).unit)),g(e,t)},R=b(()=>d(r).unit&&fi(d(r).unit)===`before`);h(P,e=>{d(R)&&e(re)});var z=y(P),B=_(z,!0),ie=y(z),ae=e=>{var t=ea(),n=_(t);l(()=>I(n,` ${d(r).unit??``}`)),g(e,t)},V=b(()=>d(r).unit&&fi(d(r).unit)===`behind`);h(ie,e=>{d(V)&&e(ae)}),F(j),ee(j,()=>C),F(O);var H=y(O,2),U=e=>{var t=na(),n=v(t),r=e=>{var t=ta(),n=c(t),r=_(n),i=y(n);l(()=>{D(n,1,ne(d(x).sign),`svelte-m5tm4r`),I(r,`${d(x).arrow??``} ${d(x).text??``}`),I(i,` ${d(x).sign===`same`?``:d(x).sign+` than `}${d(S)??``}`)}),g(e,t)},i=e=>{var t=k();l(()=>I(t,`nothing to compare with ${d(S)??``}`)),g(e,t)};h(n,e=>{d(x)?e(r):e(i,-1)}),F(t),g(e,t)};h(H,e=>{d(m)!==null&&e(U)});var oe=y(H,2),se=e=>{var t=ia();A(t,`viewBox`,`0 0 40 20`),L(t,21,()=>d(f),w,(e,t,n)=>{var r=ra();A(r,`x`,n+.14);let i;l((e,n)=>{A(r,`y`,e),A(r,`height`,n),i=D(r,0,`svelte-m5tm4r`,null,i,{rest:d(t)===0})},[()=>20-Math.max(.7,d(t)*20),()=>Math.max(.7,d(t)*20)]),g(e,r)}),F(t),g(e,t)};h(oe,e=>{d(r).hasSpark&&e(se)}),l(e=>{A(O,`aria-label`,e),te=E(O,``,te,{"--chars":d(u).length+d(r).unit.length*.6+ +!!d(s)}),I(B,d(u))},[()=>`${d(s)?`at least `:``}${pi(d(o),d(r).decimals,d(r).unit)}`]),g(t,T),p()}var sa={number:{...ca(oa),appears:`The number starts with the first event.`,hasWindow:!0},line:{...$(()=>K(()=>import(`./LineWidget-CbL6fLVm.js`),__vite__mapDeps([0,1,2,3]))),appears:`The line starts with the first event.`,hasWindow:!0},feed:{...$(()=>K(()=>import(`./FeedWidget-Bx24TyKB.js`),__vite__mapDeps([4,1,5]))),appears:`The newest events appear here, one a row.`,hasWindow:!1},bar:{...$(()=>K(()=>import(`./BarWidget-nD0PM-iI.js`),__vite__mapDeps([6,1,7]))),appears:`The ranking starts with the first event.`,hasWindow:!0},table:{...$(()=>K(()=>import(`./TableWidget-DxQsvixn.js`),__vite__mapDeps([8,1,9]))),appears:`One row for each thing that is heard of.`,hasWindow:!1},gauge:{...$(()=>K(()=>import(`./GaugeWidget-CZD_7Pbd.js`),__vite__mapDeps([10,1,11]))),appears:`The arc fills with the first event.`,hasWindow:!1},status:{...$(()=>K(()=>import(`./StatusWidget-CsPTl91o.js`),__vite__mapDeps([12,1,13]))),appears:`One row for each thing that reports.`,hasWindow:!1},heatmap:{...$(()=>K(()=>import(`./HeatmapWidget-8ZP9sUpA.js`),__vite__mapDeps([14,1,2,15]))),appears:`The squares warm up with the first event.`,hasWindow:!0},alert:{...$(()=>K(()=>import(`./AlertWidget-RlrkU470.js`),__vite__mapDeps([16,1,17]))),appears:`A scene plays here for each event.`,hasWindow:!1},text:{...$(()=>K(()=>import(`./TextWidget-DI7vJJRr.js`),__vite__mapDeps([18,1,19]))),appears:``,hasWindow:!1},clock:{...$(()=>K(()=>import(`./ClockWidget-C8GMOCMH.js`),__vite__mapDeps([20,1,21]))),appears:``,hasWindow:!1}};function ca(e){return{body:e,load:()=>Promise.resolve(e)}}function $(e){return{body:null,load:async()=>(await e()).default}}var la=i(`<div class="empty svelte-i3ylf5" data-testid="empty"><p class="svelte-i3ylf5"> </p> <!> <div class="line svelte-i3ylf5"><!></div></div>`);function ua(t,n){e(n,!0);let r=b(()=>n.widget.from.split(`/`)[0]??``),i=b(()=>n.live.board.invitation),a=b(()=>d(i)?.source===d(r)&&d(i).curl?d(i).curl:`curl -X POST ${location.origin}/api/v1/sources/${d(r)}/test -H "authorization: Bearer $TOKEN"`);var o=la(),s=v(o),c=_(s,!0),u=y(s,2);Li(u,{get source(){return d(r)},get pass(){return n.live.session.pass},label:`Send a test`});var f=y(u,2);Fi(v(f),{get text(){return d(a)},get what(){return`curl line for ${n.widget.title??``}`}}),F(f),F(o),l(()=>I(c,sa[n.widget.type].appears)),g(t,o),p()}var da=new class{#e=x(s(`Notification`in globalThis?Notification.permission:`denied`));get permission(){return d(this.#e)}set permission(e){N(this.#e,e,!0)}async ask(){`Notification`in globalThis&&(this.permission=await Notification.requestPermission())}say(e,t,n){if(this.permission===`granted`)try{new Notification(e,{body:t,tag:n,icon:`/favicon.svg`})}catch{}}},fa={bell:[{at:0,hz:880,seconds:1.3,shape:`sine`,loud:.22},{at:0,hz:2217,seconds:.7,shape:`sine`,loud:.07}],chime:[523,659,784,1047].map((e,t)=>({at:t*.12,hz:e,seconds:.7,shape:`sine`,loud:.16})),coin:[{at:0,hz:988,seconds:.09,shape:`square`,loud:.06},{at:.09,hz:1319,seconds:.5,shape:`square`,loud:.06}],knock:[0,.17].map(e=>({at:e,hz:150,seconds:.12,shape:`triangle`,loud:.5})),alarm:[0,.36,.72].flatMap(e=>[{at:e,hz:740,seconds:.16,shape:`triangle`,loud:.25},{at:e+.17,hz:988,seconds:.16,shape:`triangle`,loud:.25}])},pa=500,ma=class{#e=x(!1);get isOff(){return d(this.#e)}set isOff(e){N(this.#e,e,!0)}#t=null;#n=new Map;prepare(){if(this.#t||!(`AudioContext`in globalThis))return;let e=new AudioContext;this.#t=e;let t=()=>this.isOff=e.state!==`running`;e.addEventListener(`statechange`,t),t();let n=()=>void this.turnOn();addEventListener(`pointerdown`,n,{once:!0}),addEventListener(`keydown`,n,{once:!0})}async turnOn(){await this.#t?.resume().catch(()=>void 0)}play(e){this.prepare();let t=this.#t,n=performance.now();if(!(!t||t.state!==`running`||n-(this.#n.get(e)??-1/0)<pa)){this.#n.set(e,n);for(let n of fa[e])ha(t,n)}}};function ha(e,{at:t,hz:n,seconds:r,shape:i,loud:a}){let[o,s]=[e.currentTime+t,e.currentTime+t+r],[c,l]=[e.createOscillator(),e.createGain()];c.type=i,c.frequency.value=n,l.gain.setValueAtTime(1e-4,o),l.gain.exponentialRampToValueAtTime(a,o+.012),l.gain.exponentialRampToValueAtTime(1e-4,s),c.connect(l).connect(e.destination),c.start(o),c.stop(s+.05)}var ga=new ma,_a=250,va=class{live;member;#e=x(null);get level(){return d(this.#e)}set level(e){N(this.#e,e)}#t=It;#n=-1/0;#r=0;constructor(e,t){this.live=e,this.member=t}look(e){let{live:t,member:n}=this,{widget:r}=n;if(r.levels.length===0||!(e-this.#r>=900)&&performance.now()-this.#n<_a)return;if(this.#n=performance.now(),this.#r=e,!(t.connection.is===`live`&&t.connection.catchingUp===0&&n.isReady)){this.#t=Lt(this.#t,[],!1).alarm;return}let i=Nr(n.folded,r,n.rangeMs,e),{alarm:a,fired:o}=Lt(this.#t,i,!0);this.#t=a,this.level=Ft(r.levels,i);for(let e of o){let n=r.levels[e];n?.sound&&ga.play(n.sound),n?.notifies&&da.say(`${t.board.title}: ${r.title}`,di(n,r.unit),`${t.board.name}/${r.id}`)}}},ya=i(`<h2 class="svelte-15ywedi"> </h2>`),ba=i(`<span class="bad svelte-15ywedi"><!> </span>`),xa=i(`<span class="warn svelte-15ywedi" data-testid="as-of"> </span>`),Sa=i(`<span class="warn svelte-15ywedi" data-testid="missed"><!> </span>`),Ca=i(`<span class="warn svelte-15ywedi"><!>gateway lost touch</span>`),wa=i(`<span class="warn svelte-15ywedi" data-testid="stale"> </span>`),Ta=i(`<span class="window svelte-15ywedi"> </span>`),Ea=i(`<span data-testid="level"><!> <i class="svelte-15ywedi"> </i></span>`),Da=i(`<!> <!> <!>`,1),Oa=i(`<button type="button" class="call svelte-15ywedi" data-testid="sound-off"><!>sound is off: turn on</button>`),ka=i(`<button type="button" class="call ask svelte-15ywedi" data-testid="ask-notify"><!>notify me</button>`),Aa=i(`<p class="refused svelte-15ywedi"><!><span class="svelte-15ywedi">Your token lacks the grant <code class="svelte-15ywedi"> </code></span></p>`),ja=i(`<p class="refused svelte-15ywedi"><!><span class="svelte-15ywedi"> </span></p>`),Ma=i(`<p class="dash svelte-15ywedi" aria-label="loading">–</p>`),Na=i(`<section><header class="svelte-15ywedi"><!> <p class="trust svelte-15ywedi"><!> <!> <!></p></header> <div class="body svelte-15ywedi"><!></div></section>`);function Pa(t,n){e(n,!0);let r={info:`info`,warn:`warning`,alert:`siren`},i=b(()=>n.member.widget),o=b(()=>sa[d(i).type]),s=x(null),u=b(()=>d(o).body??(d(s)?.row===d(o)?d(s).body:null)),f=b(()=>Math.max(n.live.now,n.member.shown.lastAt??0)),w=b(()=>hr(d(i),n.live.rangeMs).windowMs),T=b(()=>Mr(n.member.shown.gaps,d(f)-d(w))),k=b(()=>d(i).staleMs!==null&&n.member.shown.lastAt!==null&&d(f)-n.member.shown.lastAt>d(i).staleMs),ee=b(()=>n.live.connection.is===`live`&&n.live.connection.stale.includes(d(i).from.split(`/`)[0]??``)),te=b(()=>d(i).at),M=b(()=>C(d(te),4)),ne=b(()=>d(M)[0]),P=b(()=>d(M)[1]),re=b(()=>d(M)[2]),L=b(()=>d(M)[3]),R=b(()=>d(i).from===``),z=e=>e.widget.sound!==null||e.widget.levels.some(({sound:e})=>e!==null),B=e=>e.widget.levels.some(e=>e.notifies),ie=b(()=>n.live.widgets.find(z)===n.member),ae=b(()=>n.live.widgets.find(B)===n.member&&da.permission==="default"),V=b(()=>new va(n.live,n.member)),H=b(()=>d(V).level);m(()=>d(V).look(d(f))),m(()=>{let e=d(o);e.body||e.load().then(t=>N(s,{row:e,body:t}),()=>void 0)}),m(()=>{d(ie)&&ga.prepare()});var U=Na();let oe,se;var ce=v(U),le=v(ce),ue=e=>{var t=ya(),n=_(t,!0);l(()=>{A(t,`id`,`title-${d(i).id??``}`),I(n,d(i).title)}),g(e,t)};h(le,e=>{d(i).title&&e(ue)});var de=y(le,2),fe=v(de),W=e=>{var t=ba(),r=v(t);Z(r,{name:`key`});var i=y(r,1,!0);F(t),l(()=>I(i,n.member.refusal.code)),g(e,t)},pe=e=>{var t=xa(),r=_(t);l(e=>I(r,`as of ${e??``}`),[()=>ii(n.live.lostAt)]),g(e,t)},me=e=>{var t=Da(),a=c(t),s=e=>{var t=Sa(),n=v(t);Z(n,{name:`warning`});var r=y(n,1,!0);F(t),l(e=>I(r,e),[()=>mi(d(T).count)]),g(e,t)};h(a,e=>{d(T)&&e(s)});var u=y(a,2),p=e=>{var t=Ca();Z(v(t),{name:`warning`}),j(),F(t),g(e,t)},m=e=>{var t=wa(),r=_(t);l(e=>I(r,`no event for ${e??``}`),[()=>ai(d(f)-n.member.shown.lastAt)]),g(e,t)},b=e=>{var t=Ta(),n=_(t);l(e=>I(n,`last ${e??``}`),[()=>ai(d(w))]),g(e,t)};h(u,e=>{d(ee)?e(p):d(k)&&n.member.shown.lastAt!==null?e(m,1):d(o).hasWindow&&!d(T)&&!d(H)&&e(b,2)});var x=y(u,2),S=e=>{var t=Ea(),n=v(t);Z(n,{get name(){return r[d(H).level]}});var a=y(n,1,!0),o=y(a),s=_(o,!0);F(t),l((e,n)=>{D(t,1,`level ${d(H).level??``}`,`svelte-15ywedi`),A(t,`title`,e),I(a,d(H).level),I(s,n)},[()=>di(d(H),d(i).unit),()=>di(d(H),d(i).unit)]),g(e,t)};h(x,e=>{d(H)&&e(S)}),g(e,t)};h(fe,e=>{n.member.refusal?e(W):n.live.isGrey&&n.live.lostAt!==null&&!d(R)?e(pe,1):d(R)||e(me,2)});var he=y(fe,2),ge=e=>{var t=Oa();Z(v(t),{name:`soundOff`}),j(),F(t),O(`click`,t,()=>ga.turnOn()),g(e,t)};h(he,e=>{d(ie)&&ga.isOff&&e(ge)});var _e=y(he,2),ve=e=>{var t=ka();Z(v(t),{name:`notify`}),j(),F(t),O(`click`,t,()=>da.ask()),g(e,t)};h(_e,e=>{d(ae)&&e(ve)}),F(de),F(ce);var ye=y(ce,2),be=v(ye),xe=e=>{var t=Aa(),n=v(t);Z(n,{name:`ban`});var r=y(n),a=y(v(r)),o=_(a,!0);F(r),F(t),l(()=>I(o,d(i).from)),g(e,t)},Se=e=>{var t=ja(),r=v(t);Z(r,{name:`warning`});var i=y(r),a=_(i,!0);F(t),l(()=>I(a,n.member.refusal.message||n.member.refusal.code)),g(e,t)},Ce=e=>{var t=a(),r=c(t);{let e=b(()=>d(H)?.level??null);S(r,()=>d(u),(t,r)=>{r(t,{get live(){return n.live},get member(){return n.member},get now(){return d(f)},get level(){return d(e)}})})}g(e,t)},we=e=>{ua(e,{get live(){return n.live},get widget(){return d(i)}})},Te=e=>{var t=Ma();g(e,t)};h(be,e=>{n.member.refusal?.code===`forbidden`?e(xe):n.member.refusal?e(Se,1):d(u)&&(d(R)||n.member.shown.lastAt!==null||d(T))?e(Ce,2):n.member.isReady&&!d(R)&&n.member.shown.lastAt===null?e(we,3):e(Te,-1)}),F(ye),F(U),l(()=>{oe=D(U,1,`tile ${d(i).type??``} ${d(H)?`level-${d(H).level}`:``}`,`svelte-15ywedi`,oe,{grey:n.live.isGrey&&!d(R)}),A(U,`aria-label`,d(i).title||d(i).id),A(U,`data-testid`,`tile-${d(i).id??``}`),se=E(U,``,se,{"--column":d(ne)+1,"--line-at":d(P)+1,"--width":d(re),"--height":d(L),"--tablet-width":n.tablet?.width??6,"--tablet-height":n.tablet?.height??d(L),"--phone-width":n.phone?.width??2,"--phone-height":n.phone?.height??d(L)})}),g(t,U),p()}t([`click`]);var Fa=i(`<li class="svelte-vzp868"><!> </li>`),Ia=i(`<ul class="mistakes svelte-vzp868" aria-label="Mistakes in the board"></ul>`),La=i(`<div><!> <main class="svelte-vzp868"><!> <!> <!> <div class="grid svelte-vzp868" data-testid="grid"></div></main></div>`);function Ra(t,n){e(n,!0);let r=b(()=>Math.max(1,...n.live.widgets.map(({widget:{at:e}})=>e[1]+e[3]))),i=b(()=>n.live.board.invitation?.curl?.startsWith(`curl `)??!1),a=b(()=>n.live.widgets.every(({isReady:e,shown:t})=>e&&t.lastAt===null)),o=b(()=>ei(n.live.board.widgets,6)),s=b(()=>ei(n.live.board.widgets,2));var c=La();let u;var f=v(c);ji(f,{get live(){return n.live},get isKiosk(){return n.isKiosk},get onrange(){return n.onrange},get onkiosk(){return n.onkiosk}});var m=y(f,2),_=v(m),x=e=>{Wi(e,{get live(){return n.live}})};h(_,e=>{!n.isKiosk&&d(i)&&e(x)});var S=y(_,2),C=e=>{var t=Ia();L(t,20,()=>n.live.board.mistakes,e=>e,(e,t)=>{var n=Fa(),r=v(n);Z(r,{name:`warning`});var i=y(r,1,!0);F(n),l(()=>I(i,t)),g(e,n)}),F(t),g(e,t)};h(S,e=>{n.live.board.mistakes.length>0&&e(C)});var w=y(S,2),T=e=>{Qi(e,{get live(){return n.live}})};h(w,e=>{n.isKiosk||d(i)||n.live.widgets.length!==0&&!d(a)||e(T)});var O=y(w,2);let k;L(O,23,()=>n.live.widgets,e=>e.widget.id,(e,t,r)=>{Pa(e,{get live(){return n.live},get member(){return d(t)},get tablet(){return d(o)[d(r)]},get phone(){return d(s)[d(r)]}})}),F(O),F(m),F(c),l(()=>{u=D(c,1,`board svelte-vzp868`,null,u,{kiosk:n.isKiosk}),k=E(O,``,k,{"--rows":d(r)})}),g(t,c),p()}function za(t,n){e(n,!0);let r=x(0),i=b(()=>J.at.isKiosk?J.at.rotation:null),s=b(()=>d(i)?d(i).boards[d(r)%d(i).boards.length]??J.at.board:J.at.board),l=b(()=>J.at.rangeMs),u=x(null),f=x(null),_=x(null),v;async function y(e){clearTimeout(v);try{let t=On(await gt(e,await n.session.pass.token()));if(e!==d(s))return;N(_,null),N(u,t),document.title=`${t.title} · Hookcast`}catch(t){if(e!==d(s))return;N(_,t instanceof Error?t:Error(String(t))),t instanceof vt||(v=setTimeout(()=>y(e),3e3))}}m(()=>void y(d(s))),m(()=>{if(!d(u))return;let e=new zr(d(u),d(l)??d(u).rangeMs,n.session);return o(()=>e.start()),N(f,e),()=>e.stop()}),m(()=>{if(!d(i))return;let e=setInterval(()=>N(r,d(r)+1),d(i).everyMs);return()=>clearInterval(e)});function S(e){J.choose(`range`,e)}function C(){J.choose(`kiosk`,J.at.isKiosk?null:``)}m(()=>X.add([...Nn.map(({label:e,name:t},n)=>({keys:String(n+1),title:`Range: ${t}`,group:`Board`,run:()=>S(e)})),{keys:`k`,title:`Kiosk: one screen, no controls`,group:`Board`,run:C}])),m(()=>{if(J.at.isKiosk)return X.add([{keys:`Escape`,title:`Leave the kiosk`,group:`Board`,run:C}])}),te(()=>()=>clearTimeout(v));var w=a(),T=c(w),E=e=>{var t=a(),n=c(t);re(n,()=>d(f),e=>{Ra(e,{get live(){return d(f)},get isKiosk(){return J.at.isKiosk},onrange:S,onkiosk:C})}),g(e,t)},D=e=>{Zr(e,{get trouble(){return d(_)}})};h(T,e=>{d(f)?e(E):e(D,-1)}),g(t,w),p()}var Ba=[{name:`board`,title:`Board`,key:`b`,icon:`board`,isForOperators:!1,load:async()=>za},{name:`events`,title:`Events`,key:`e`,icon:`events`,isForOperators:!0,load:async()=>(await K(async()=>{let{default:e}=await import(`./EventsScreen-ayg9JVmV.js`);return{default:e}},__vite__mapDeps([22,1,23,24,25,26]))).default},{name:`sources`,title:`Sources`,key:`s`,icon:`sources`,isForOperators:!0,load:async()=>(await K(async()=>{let{default:e}=await import(`./SourcesScreen-DHGe8hbn.js`);return{default:e}},__vite__mapDeps([27,1,24,25]))).default},{name:`topics`,title:`Topics`,key:`t`,icon:`topics`,isForOperators:!0,load:async()=>(await K(async()=>{let{default:e}=await import(`./TopicsScreen-B1KZQ5v-.js`);return{default:e}},__vite__mapDeps([28,1,24,25]))).default},{name:`connections`,title:`Connections`,key:`c`,icon:`connections`,isForOperators:!0,load:async()=>(await K(async()=>{let{default:e}=await import(`./ConnectionsScreen-D4yWNWR8.js`);return{default:e}},__vite__mapDeps([29,1,24,25]))).default},{name:`health`,title:`Health`,key:`h`,icon:`health`,isForOperators:!0,load:async()=>(await K(async()=>{let{default:e}=await import(`./HealthScreen-CJZL_Yls.js`);return{default:e}},__vite__mapDeps([30,1,24,25]))).default}];function Va(e){return Ba.find(({name:t})=>t===(e[0]??`board`))}var Ha=i(`<span class="or svelte-eofadr">or</span>`),Ua=i(`<kbd class="hc-key"> </kbd>`),Wa=i(`<!> <!>`,1),Ga=i(`<div class="svelte-eofadr"><dt class="svelte-eofadr"></dt> <dd class="svelte-eofadr"> </dd></div>`),Ka=i(`<section class="svelte-eofadr"><h3 class="svelte-eofadr"> </h3> <dl class="svelte-eofadr"></dl></section>`),qa=i(`<dialog class="hc-dialog svelte-eofadr" aria-labelledby="keys-title"><h2 id="keys-title" class="svelte-eofadr">Keys</h2> <div class="groups svelte-eofadr"><!> <section aria-label="Charts" class="svelte-eofadr"><h3 class="svelte-eofadr">On a chart</h3> <dl class="svelte-eofadr"><div class="svelte-eofadr"><dt class="svelte-eofadr"><kbd class="hc-key">←</kbd><kbd class="hc-key">→</kbd></dt> <dd class="svelte-eofadr">speaks its values, one by one</dd></div></dl></section></div> <button type="button" class="hc-button">Close</button></dialog>`);function Ja(t,n){e(n,!0);let r=b(()=>Map.groupBy(X.all.filter(({keys:e})=>e!==``),({group:e})=>e)),i={ArrowLeft:`←`,ArrowRight:`→`,ArrowUp:`↑`,ArrowDown:`↓`,Escape:`Esc`};function a(e){return e.split(`|`).map(e=>e.split(/[ +]/).map(e=>i[e]??e))}var o=qa(),s=y(v(o),2),f=v(s);L(f,17,()=>d(r),([e,t])=>e,(e,t)=>{var n=b(()=>C(d(t),2));let r=()=>d(n)[0],i=()=>d(n)[1];var o=Ka(),s=v(o),u=_(s,!0),f=y(s,2);L(f,21,i,({keys:e,title:t})=>e,(e,t)=>{let n=()=>d(t).keys,r=()=>d(t).title;var i=Ga(),o=v(i);L(o,21,()=>a(n()),w,(e,t,n)=>{var r=Wa(),i=c(r),a=e=>{var t=Ha();g(e,t)};h(i,e=>{n>0&&e(a)});var o=y(i,2);L(o,17,()=>d(t),w,(e,t)=>{var n=Ua(),r=_(n,!0);l(()=>I(r,d(t))),g(e,n)}),g(e,r)}),F(o);var s=y(o,2),u=_(s,!0);F(i),l(()=>I(u,r())),g(e,i)}),F(f),F(o),l(()=>{A(o,`aria-label`,r()),I(u,r())}),g(e,o)}),j(2),F(s);var m=y(s,2);F(o),ee(o,()=>e=>{e.showModal()}),u(`close`,o,function(...e){n.onclose?.apply(this,e)}),O(`click`,o,e=>e.target===e.currentTarget&&n.onclose()),O(`click`,m,function(...e){n.onclose?.apply(this,e)}),g(t,o),p()}t([`click`]);var Ya=i(`<main class="notice svelte-hevgxk"><h1>There is no such page</h1> <p><a class="svelte-hevgxk">Open the first board</a></p></main>`);function Xa(t,n){e(n,!0);var r=Ya(),i=y(v(r),2),a=_(i);F(r),l(e=>A(a,`href`,e),[()=>Y(`/`)]),g(t,r),p()}async function Za(e){return Qa(await pt(e,`/api/v1/boards`)).boards}function Qa(e){let t=new Map(typeof e==`object`&&e?Object.entries(e):[]),n=t.get(`boards`),r=t.get(`saves_to`);return{boards:(Array.isArray(n)?n:[]).flatMap(e=>{let t=new Map(typeof e==`object`&&e?Object.entries(e):[]),[n,r,i]=[`name`,`title`,`from`].map(e=>t.get(e));return typeof n==`string`?[{name:n,title:typeof r==`string`?r:n,from:typeof i==`string`?i:``}]:[]}),savesTo:typeof r==`string`?r:null}}function $a(e,t,n){let r=t.trim().toLowerCase();return r===``?[...e]:e.map(e=>({each:e,score:eo(n(e).toLowerCase(),r)})).filter(({score:e})=>e>0).sort((e,t)=>t.score-e.score).map(({each:e})=>e)}function eo(e,t){if(e.startsWith(t))return 4;if(e.includes(` ${t}`))return 3;if(e.includes(t))return 2;let n=0;for(let r of t)if(n=e.indexOf(r,n)+1,n===0)return 0;return 1}var to=i(`<kbd class="hc-key"> </kbd>`),no=i(`<li role="option" class="svelte-pb31k6"><span class="title svelte-pb31k6"> </span> <span class="group svelte-pb31k6"> </span> <!></li>`),ro=i(`<p role="status" class="svelte-pb31k6"> </p>`),io=i(`<dialog class="hc-dialog palette svelte-pb31k6" aria-label="Find anything"><input type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="Find anything" placeholder="Find a screen, a board, an action…" autocomplete="off" spellcheck="false" class="svelte-pb31k6"/> <ul id="palette-list" role="listbox" aria-label="Found" class="svelte-pb31k6"></ul> <!></dialog>`);function ao(t,n){e(n,!0);let r=x(``),i=x(0),a=x([]),o=b(()=>[...X.all,...d(a)].toSorted((e,t)=>Number(t.group===`Go to`)-Number(e.group===`Go to`))),s=b(()=>$a(d(o),d(r),({title:e,group:t})=>`${e} ${t}`).slice(0,12)),c=b(()=>Math.min(d(i),d(s).length-1));te(async()=>{let e=await Za(n.session.pass).catch(()=>[]);N(a,e.map(({name:e,title:t})=>({keys:``,title:t,group:`Board`,run:()=>J.go(`/board/${encodeURIComponent(e)}`)})))});function f(e){n.onclose(),e?.run()}function m(e){let t={ArrowDown:1,ArrowUp:-1}[e.key];if(t!==void 0&&d(s).length>0)N(i,(d(c)+t+d(s).length)%d(s).length);else if(e.key===`Enter`)f(d(s)[d(c)]);else return;e.preventDefault()}var S=io(),C=v(S);T(C);var E=y(C,2);L(E,21,()=>d(s),w,(e,t,n)=>{var r=no();A(r,`id`,`palette-${n}`);var a=v(r),o=_(a,!0),s=y(a,2),u=_(s,!0),p=y(s,2),m=e=>{var n=to(),r=_(n,!0);l(e=>I(r,e),[()=>d(t).keys.split(`|`)[0]]),g(e,n)};h(p,e=>{d(t).keys&&e(m)}),F(r),l(()=>{A(r,`aria-selected`,n===d(c)),I(o,d(t).title),I(u,d(t).group)}),O(`click`,r,()=>f(d(t))),O(`pointermove`,r,()=>N(i,n,!0)),g(e,r)}),F(E);var D=y(E,2),k=e=>{var t=ro(),n=_(t);l(()=>I(n,`Nothing is called “${d(r)??``}”.`)),g(e,t)};h(D,e=>{d(s).length===0&&e(k)}),F(S),ee(S,()=>e=>{e.showModal()}),l(()=>A(C,`aria-activedescendant`,d(s).length>0?`palette-${d(c)}`:void 0)),u(`close`,S,function(...e){n.onclose?.apply(this,e)}),O(`click`,S,e=>e.target===e.currentTarget&&n.onclose()),O(`input`,C,()=>N(i,0)),O(`keydown`,C,m),M(C,()=>d(r),e=>N(r,e)),g(t,S),p()}t([`click`,`input`,`keydown`,`pointermove`]);var oo=i(`<li class="svelte-doxzq7"><a class="svelte-doxzq7"><!> <span> </span></a></li>`),so=i(`<nav aria-label="Screens" class="svelte-doxzq7"><a class="mark svelte-doxzq7" aria-label="Hookcast: the first board"><img src="/favicon.svg" alt="" width="30" height="30"/></a> <ul class="svelte-doxzq7"></ul> <button type="button" class="find svelte-doxzq7" title="Find anything (Ctrl K)"><!><span>Find</span></button></nav>`);function co(t,n){e(n,!0);var r=so(),i=v(r),a=y(i,2);L(a,21,()=>Ba,e=>e.name,(e,t)=>{var r=oo(),i=v(r),a=v(i);Z(a,{get name(){return d(t).icon}});var o=y(a,2),s=_(o,!0);F(i),F(r),l(e=>{A(i,`href`,e),A(i,`aria-current`,d(t)===n.current?`page`:void 0),A(i,`title`,`${d(t).title??``} (g ${d(t).key??``})`),I(s,d(t).title)},[()=>Y(d(t).name===`board`?`/`:`/${d(t).name}`)]),g(e,r)}),F(a);var o=y(a,2);Z(v(o),{name:`search`}),j(),F(o),F(r),l(e=>A(i,`href`,e),[()=>Y(`/`)]),O(`click`,o,function(...e){n.onpalette?.apply(this,e)}),g(t,r),p()}t([`click`]);function lo(){let e=null,t=!0,n=async()=>{t&&document.visibilityState===`visible`&&`wakeLock`in navigator&&(e=await navigator.wakeLock.request(`screen`).catch(()=>null),t||e?.release())};return document.addEventListener(`visibilitychange`,n),n(),()=>{t=!1,document.removeEventListener(`visibilitychange`,n),e?.release()}}var uo=i(`<div class="shell svelte-72c0c2"><!> <div><!></div></div> <!> <!>`,1);function fo(t,r){e(r,!0);let i=b(()=>J.at.token),s=b(()=>J.at.key),f=b(()=>J.at.isKiosk),_=b(()=>new Bn(new yt(d(i),d(s)),o(()=>d(f)))),C=b(()=>Va(J.at.path)),w=x(null),T=x(null);m(()=>{let e=d(_);return o(()=>e.start()),()=>e.stop()}),m(()=>{let e=d(C);e?.load().then(t=>{e===d(C)&&N(w,t)})}),m(()=>{if(document.documentElement.dataset.kiosk=String(d(f)),document.documentElement.dataset.overlay=String(J.at.isOverlay),d(f))return lo()}),m(()=>{d(C)&&d(C).name!==`board`&&(document.title=`${d(C).title} · Hookcast`)}),m(()=>X.add([{keys:`?`,title:`The keys there are`,group:`Everywhere`,run:()=>N(T,`keys`)},{keys:`Ctrl+k`,title:`Find anything`,group:`Everywhere`,run:()=>N(T,`palette`)},{keys:`t`,title:`Theme: auto, light, dark`,group:`Everywhere`,run:()=>Ci.next()}])),m(()=>{let e=Ba.filter(({isForOperators:e})=>d(_).isOperator||!e);return X.add(e.map(({name:e,title:t,key:n})=>({keys:`g ${n}`,title:t,group:`Go to`,run:()=>J.go(e===`board`?`/`:`/${e}`)})))}),te(()=>(document.addEventListener(`click`,In),()=>document.removeEventListener(`click`,In)));var E=uo();u(`keydown`,n,e=>X.press(e)),u(`hashchange`,n,()=>J.follow()),u(`popstate`,n,()=>J.follow());var O=c(E),k=v(O),ee=e=>{co(e,{get current(){return d(C)},onpalette:()=>N(T,`palette`)})};h(k,e=>{d(_).isOperator&&!d(f)&&e(ee)});var j=y(k,2);let M;var ne=v(j),P=e=>{var t=a(),n=c(t);re(n,()=>d(_),e=>{var t=a(),n=c(t);S(n,()=>d(w),(e,t)=>{t(e,{get session(){return d(_)}})}),g(e,t)}),g(e,t)},I=e=>{Xa(e,{})};h(ne,e=>{d(C)&&d(w)?e(P):d(C)||e(I,1)}),F(j),F(O);var L=y(O,2),R=e=>{Ja(e,{onclose:()=>N(T,null)})};h(L,e=>{d(T)===`keys`&&e(R)});var z=y(L,2),B=e=>{ao(e,{get session(){return d(_)},onclose:()=>N(T,null)})};h(z,e=>{d(T)===`palette`&&e(B)}),l(()=>{M=D(j,1,`screen svelte-72c0c2`,null,M,{railed:d(_).isOperator&&!d(f)}),A(j,`data-testid`,`screen-${d(C)?.name??`none`??``}`)}),g(t,E),p()}var po=`hookcast.reloaded`,mo=2e3,ho=6e4;function go(){addEventListener(`vite:preloadError`,e=>{let t=Number(sessionStorage.getItem(po)??0);Date.now()-t<ho||(e.preventDefault(),sessionStorage.setItem(po,String(Date.now())),_o())})}async function _o(){for(;;){if((await fetch(`/livez`,{signal:AbortSignal.timeout(mo)}).catch(()=>null))?.ok)return location.reload();await new Promise(e=>setTimeout(e,mo))}}go();var vo=document.getElementById(`app`);vo&&r(fo,{target:vo});export{$t as A,Le as B,rr as C,J as D,Y as E,mt as F,K as I,Be as L,Nt as M,ht as N,Zt as O,pt as P,ze as R,vr as S,Un as T,Ee as V,Er as _,Ci as a,xr as b,ii as c,li as d,ai as f,X as g,Ur as h,Ti as i,Ot as j,en as k,pi as l,Z as m,Li as n,_i as o,fi as p,Fi as r,oi as s,ga as t,mi as u,lr as v,Qn as w,br as x,hr as y,Fe as z};