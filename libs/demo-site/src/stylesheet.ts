/** Served as `/assets/site.css`. */
export const STYLESHEET = `
:root{color-scheme:light dark;--ink:#1f2a24;--soft:#5d6b62;--paper:#fbfaf6;--card:#fff;--line:#e3e0d6;--moss:#3f6b4f}
@media(prefers-color-scheme:dark){:root{--ink:#eceae2;--soft:#a3ada5;--paper:#161a17;--card:#1f2521;--line:#333b35;--moss:#8fbf9f}}
*{box-sizing:border-box}
body{margin:0;font:17px/1.65 Georgia,'Iowan Old Style',serif;color:var(--ink);background:var(--paper)}
a{color:var(--moss);text-underline-offset:.18em}
header,main,footer{max-width:62rem;margin:0 auto;padding:1.5rem}
header{display:flex;flex-wrap:wrap;gap:1rem 1.75rem;align-items:baseline;border-bottom:1px solid var(--line)}
header strong{font-size:1.35rem;letter-spacing:.02em;margin-right:auto}
header a{color:inherit;text-decoration:none}header nav a+a{margin-left:1.25rem}
h1{font-size:clamp(2rem,5vw,3rem);line-height:1.12;margin:1rem 0 .5rem;letter-spacing:-.01em}
.lead{font-size:1.2rem;color:var(--soft);margin:0 0 1.5rem;max-width:40rem}
.hero{height:11rem;border-radius:14px;margin:.5rem 0 1.5rem}
.grid{display:grid;gap:1.1rem;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));padding:0;list-style:none}
.grid li{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem 1.1rem}
.grid a{font-weight:bold;text-decoration:none}.grid p{margin:.3rem 0 0;color:var(--soft);font-size:.95rem}
.price{font-size:1.4rem}article p{max-width:42rem}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}footer a{margin-right:1rem}
`;
