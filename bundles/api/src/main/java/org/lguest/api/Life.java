package org.lguest.api;

/**
 * The life of a guest.
 *
 * <pre>
 *   CREATED --start--> RUNNING <--pause/resume--> PAUSED
 *                         |  ^
 *        a seat empties   v  |  it is taken again
 *                       PARKED
 *   any --kill, power off, restart--> DEAD
 * </pre>
 */
public enum Life {
    /** Launched, threads not started. */ CREATED,
    /** Executing, or asleep in HALT. */ RUNNING,
    /** Stopped by the user. */ PAUSED,
    /** Waits for a part. */ PARKED,
    /** Over, with an {@link Ending}. */ DEAD
}
