// Numbers with decimals, as the reader's language writes them. Pure.

import { locale } from "./words.js";

const decimals = (digits) => {
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // A minus as wide as a plus, and no "-0.0".
  return (value) => {
    const text = format.format(value).replace("-", "−");
    return /[1-9]/.test(text) ? text : text.replace("−", "");
  };
};

/** 74.25 -> "74.3" */
export const oneDecimal = decimals(1);

/** 0.834 -> "0.83" */
export const twoDecimals = decimals(2);
