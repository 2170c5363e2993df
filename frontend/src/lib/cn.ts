import { clsx, type ClassValue } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names put together; of two that set the same property the later one holds. */
export function cn(...classes: ClassValue[]): string {
  return twMerge(clsx(classes));
}
