/** The report's style sheet: one column, light or dark as the reader's system is, printable. */
export const reportStyle = `
:root{color-scheme:light dark;--back:#fff;--card:#f6f7f9;--ink:#1c2330;--soft:#5c6676;--line:#dfe3e9;
  --normal:#3b7dd8;--anomalous:#d9622b;--other:#aab2bd;--accent:#7a3fc4}
@media (prefers-color-scheme:dark){:root{--back:#14161b;--card:#1d2027;--ink:#e6e9ef;--soft:#9aa4b4;--line:#333945;
  --normal:#5b9bf0;--anomalous:#f08a52;--other:#5b6472;--accent:#b78cf2}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:32px 24px 48px;background:var(--back);color:var(--ink);
  font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header{border-bottom:1px solid var(--line);padding-bottom:16px;margin-bottom:24px}
h1{margin:0 0 4px;font-size:28px;line-height:1.2;overflow-wrap:anywhere}
header p{margin:2px 0;color:var(--soft);overflow-wrap:anywhere}
header b{color:var(--ink)}
h2{margin:32px 0 8px;font-size:18px}
h2 small{font-weight:400;color:var(--soft)}
.hint,.legend,.empty{margin:0 0 12px;color:var(--soft);font-size:13px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:12px}
.tiles div{background:var(--card);border-radius:8px;padding:12px 14px;display:flex;flex-direction:column}
.tiles span,.tiles small{color:var(--soft);font-size:12px}
.tiles b{font-size:26px;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--soft);font:12px system-ui,sans-serif}
rect.normal,.legend .normal{fill:var(--normal);background:var(--normal)}
rect.anomalous,.legend .anomalous{fill:var(--anomalous);background:var(--anomalous)}
rect.other,.legend .other{fill:var(--other);background:var(--other)}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 5px 0 14px}
.legend i:first-child{margin-left:0}
line.axis,line.grid{stroke:var(--line)}
line.threshold{stroke:var(--accent);stroke-width:2}
line.calibrated{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:5 4}
svg text.threshold{fill:var(--accent);font-weight:600}
.curves{display:grid;grid-template-columns:repeat(auto-fit,minmax(260px,1fr));gap:20px}
.curve{margin:0;position:relative}
.curve figcaption{font-size:14px;margin-bottom:8px}
.curve figcaption span{color:var(--soft)}
.curve path{fill:none;stroke:var(--normal);stroke-width:2.5;stroke-linejoin:round}
.curve circle{fill:var(--accent);stroke:var(--back);stroke-width:2}
.curve .y{position:absolute;top:0;right:4px;font-size:12px;color:var(--soft);line-height:21px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:7px 12px;text-align:right;border-bottom:1px solid var(--line);font-weight:400}
th:first-child{text-align:left;padding-left:0}
thead th{color:var(--soft);font-size:13px}
table+.hint,.scroll+.hint{margin-top:8px}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:16px}
.gallery figure{margin:0;background:var(--card);border-radius:8px;overflow:hidden;display:grid;
  grid-template-columns:1fr 1fr;gap:1px;align-items:start;align-content:start;break-inside:avoid}
.shot{position:relative}
.shot span{display:block;padding:20px 8px;text-align:center;color:var(--soft);font-size:12px}
.shot img{width:100%;display:block}
.shot .heat{position:absolute;inset:0;height:100%}
.gallery figcaption{grid-column:1/-1;padding:8px 12px;font-size:13px}
.gallery figcaption span{display:block;color:var(--soft);font-size:12px;overflow:hidden;text-overflow:ellipsis;
  white-space:nowrap;direction:rtl;text-align:left}
ul{padding-left:18px;font-size:13px;color:var(--soft);overflow-wrap:anywhere}
footer{margin-top:40px;color:var(--soft);font-size:12px}
`;
