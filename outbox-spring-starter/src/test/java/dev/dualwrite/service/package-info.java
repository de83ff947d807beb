/** Services as users write them, each started by a test with the class path that such a service has. */
package dev.dualwrite.service;
