// Nothing is put into the page as data: addresses, so that every asset is a file with a hash in its name.
export default { build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } } };
