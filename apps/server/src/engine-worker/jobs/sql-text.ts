/** A name in SQL, whatever characters it has. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
/** A text in SQL. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
