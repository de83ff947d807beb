/** What makes the order service a demo: databases out of nothing, sample data, a gentle load, the status line. */
@NullMarked
package dev.dualwrite.sample.demo;

import org.jspecify.annotations.NullMarked;
