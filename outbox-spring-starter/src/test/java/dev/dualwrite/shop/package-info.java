/** A service whose tables are captured, as the detector of bypasses sees it: not in a package of Dualwrite's own. */
package dev.dualwrite.shop;
