package dev.dualwrite.spring.jpa.stray;

import dev.dualwrite.spring.jpa.Captured;

/** Says that it is captured, and is no entity. */
@Captured
public class Stray {}
