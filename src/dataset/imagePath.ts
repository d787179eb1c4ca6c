/** What is read as an image: lower case, without the dot. */
export const imageExtensions = ['png', 'jpg', 'jpeg', 'bmp', 'tif', 'tiff', 'webp'] as const;

/** Is it a file that we read as an image (by extension, in any case)? */
export const isImagePath = (path: string): boolean => images.test(path);

const images = new RegExp(`\\.(${imageExtensions.join('|')})$`, 'i');
