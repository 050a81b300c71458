/** Shadow page tables: what the guest's tables say, remembered until the guest says that they changed. */
package org.lguest.mmu;
