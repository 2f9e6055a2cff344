export default async function init() {}
export function hydrate() {}
