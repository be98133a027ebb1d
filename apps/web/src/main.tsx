import './polyfills.ts'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { queryClient } from './api.ts'
import { PreferencesProvider } from './preferences.tsx'
import { routes } from './routes.tsx'
import { Look } from './shells/look.tsx'
import './ui/huitong.css'

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <PreferencesProvider>
        <Look>
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={createBrowserRouter(routes)} />
          </QueryClientProvider>
        </Look>
      </PreferencesProvider>
    </StrictMode>,
  )
