/** The alerts, their runbook pages and the dashboard, tried. */
@NullMarked
package dev.dualwrite.relay.alerts;

import org.jspecify.annotations.NullMarked;
