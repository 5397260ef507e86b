/** The invented person who logs in. Everybody may see these: the site keeps only the password's hash. */
export const PERSONA = { name: 'Asha', mobile: '9800000012', password: 'monsoon-42' } as const;
