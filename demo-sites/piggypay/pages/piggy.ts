/** The mark: a piggy's face in a rounded square. Decorative; the name stands beside it. */
export const mark = `<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">${face()}</svg>`;

/** The same face as an icon that costs no request. */
export const iconAddress = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${face()}</svg>`,
)}`;

/** The piggy bank of the login page. */
export const piggyBank = `<svg class="piggy" viewBox="0 0 320 250" aria-hidden="true">
<ellipse cx="160" cy="232" rx="112" ry="12" fill="#000" opacity=".09"/>
<circle cx="158" cy="40" r="29" fill="#f5b73c"/><circle cx="158" cy="40" r="22" fill="none" stroke="#b97a12" stroke-width="3"/>
<path d="M149 30h18M149 38h18M151 30c14 0 14 15 0 15l12 11" fill="none" stroke="#8a5807" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"/>
<path d="M54 138c-25-3-30-28-14-32 12-2 14 15 2 16-11 1-18-8-18-17" fill="none" stroke="#e56b8c" stroke-width="7" stroke-linecap="round"/>
<path d="M88 190h36v32q0 8-8 8H96q-8 0-8-8zM192 190h36v32q0 8-8 8h-20q-8 0-8-8z" fill="#e56b8c"/>
<ellipse cx="158" cy="150" rx="108" ry="74" fill="#ff9db4"/>
<path d="M74 134c7-19 20-30 40-38" fill="none" stroke="#ffc9d5" stroke-width="9" stroke-linecap="round"/>
<rect x="130" y="84" width="56" height="9" rx="4.5" fill="#8f2a4c"/>
<path d="M190 92c2-24 22-38 44-34 2 22-6 40-20 50z" fill="#e56b8c"/>
<path d="M200 92c2-13 12-22 24-22 0 12-5 22-12 28z" fill="#ffb9c8"/>
<rect x="246" y="124" width="38" height="54" rx="19" fill="#e56b8c"/>
<ellipse cx="260" cy="142" rx="4" ry="6" fill="#8f2a4c"/><ellipse cx="271" cy="142" rx="4" ry="6" fill="#8f2a4c"/>
<path d="M252 160q12 9 24 0" fill="none" stroke="#8f2a4c" stroke-width="4" stroke-linecap="round"/>
<circle cx="226" cy="132" r="7" fill="#4a1228"/><circle cx="228.5" cy="129.5" r="2.3" fill="#fff"/>
<ellipse cx="218" cy="158" rx="13" ry="9" fill="#ff7f9f" opacity=".7"/>
</svg>`;

function face(): string {
  return (
    '<rect width="32" height="32" rx="9" fill="#c2255c"/>' +
    '<path d="M6 6q7-1 9 6l-5 4q-5-4-4-10zM26 6q-7-1-9 6l5 4q5-4 4-10z" fill="#ffb9c8"/>' +
    '<ellipse cx="16" cy="18" rx="10" ry="9" fill="#ffd6df"/>' +
    '<rect x="10.5" y="17" width="11" height="7.5" rx="3.75" fill="#f2839f"/>' +
    '<circle cx="14" cy="20.75" r="1.2" fill="#7a1a3c"/><circle cx="18" cy="20.75" r="1.2" fill="#7a1a3c"/>' +
    '<circle cx="11.5" cy="14.5" r="1.3" fill="#4a1228"/><circle cx="20.5" cy="14.5" r="1.3" fill="#4a1228"/>'
  );
}
